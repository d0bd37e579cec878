/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.testkit;

import org.jspecify.annotations.NullMarked;
