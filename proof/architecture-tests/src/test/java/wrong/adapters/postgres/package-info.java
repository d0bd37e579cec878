/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.adapters.postgres;

import org.jspecify.annotations.NullMarked;
