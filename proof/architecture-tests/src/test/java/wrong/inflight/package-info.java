/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.inflight;

import org.jspecify.annotations.NullMarked;
