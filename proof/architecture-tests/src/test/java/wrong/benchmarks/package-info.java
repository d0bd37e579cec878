/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.benchmarks;

import org.jspecify.annotations.NullMarked;
