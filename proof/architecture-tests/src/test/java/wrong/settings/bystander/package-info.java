/** Code that does nothing wrong. */
@NullMarked
package wrong.settings.bystander;

import org.jspecify.annotations.NullMarked;
