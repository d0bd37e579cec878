/** Code that does nothing wrong. */
@NullMarked
package wrong.adapters.kafka.bystander;

import org.jspecify.annotations.NullMarked;
