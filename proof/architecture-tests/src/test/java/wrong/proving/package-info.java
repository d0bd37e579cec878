/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.proving;

import org.jspecify.annotations.NullMarked;
