/** Code that does nothing wrong. */
@NullMarked
package wrong.testkit.bystander;

import org.jspecify.annotations.NullMarked;
