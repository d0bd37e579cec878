/** Every way to learn what time it is. */
@NullMarked
package wrong.application.clock;

import org.jspecify.annotations.NullMarked;
