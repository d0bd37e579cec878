/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.adapters.http;

import org.jspecify.annotations.NullMarked;
