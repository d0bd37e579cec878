/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.domain;

import org.jspecify.annotations.NullMarked;
