/** Code that does nothing wrong. */
@NullMarked
package wrong.domain.bystander;

import org.jspecify.annotations.NullMarked;
