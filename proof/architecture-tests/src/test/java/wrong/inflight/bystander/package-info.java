/** Code that does nothing wrong. */
@NullMarked
package wrong.inflight.bystander;

import org.jspecify.annotations.NullMarked;
