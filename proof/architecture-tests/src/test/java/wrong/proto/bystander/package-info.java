/** Code that does nothing wrong. */
@NullMarked
package wrong.proto.bystander;

import org.jspecify.annotations.NullMarked;
