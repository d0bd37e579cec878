/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.proto;

import org.jspecify.annotations.NullMarked;
