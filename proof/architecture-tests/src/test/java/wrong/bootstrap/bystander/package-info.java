/** Code that does nothing wrong. */
@NullMarked
package wrong.bootstrap.bystander;

import org.jspecify.annotations.NullMarked;
