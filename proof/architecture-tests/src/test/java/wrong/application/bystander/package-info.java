/** Code that does nothing wrong. */
@NullMarked
package wrong.application.bystander;

import org.jspecify.annotations.NullMarked;
