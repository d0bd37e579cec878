/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.application.first;

import org.jspecify.annotations.NullMarked;
