/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.application.second;

import org.jspecify.annotations.NullMarked;
