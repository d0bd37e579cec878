/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.workload;

import org.jspecify.annotations.NullMarked;
