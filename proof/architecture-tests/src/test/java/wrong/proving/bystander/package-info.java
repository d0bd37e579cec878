/** Code that does nothing wrong. */
@NullMarked
package wrong.proving.bystander;

import org.jspecify.annotations.NullMarked;
