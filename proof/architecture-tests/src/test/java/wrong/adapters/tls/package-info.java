/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.adapters.tls;

import org.jspecify.annotations.NullMarked;
