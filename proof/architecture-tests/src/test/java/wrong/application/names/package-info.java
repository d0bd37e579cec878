/** Names that say nothing. */
@NullMarked
package wrong.application.names;

import org.jspecify.annotations.NullMarked;
