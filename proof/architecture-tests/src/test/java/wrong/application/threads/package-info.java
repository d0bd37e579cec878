/** Every way to get a thread that nobody owns. */
@NullMarked
package wrong.application.threads;

import org.jspecify.annotations.NullMarked;
