/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.fuzzing;

import org.jspecify.annotations.NullMarked;
