/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.settings.reading;

import org.jspecify.annotations.NullMarked;
