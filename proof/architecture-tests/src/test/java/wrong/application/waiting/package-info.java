/** Every way to run or to wait where the simulation cannot see it. */
@NullMarked
package wrong.application.waiting;

import org.jspecify.annotations.NullMarked;
