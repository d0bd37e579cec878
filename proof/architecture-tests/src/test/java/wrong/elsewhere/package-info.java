/** No module of the broker. */
@NullMarked
package wrong.elsewhere;

import org.jspecify.annotations.NullMarked;
