/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.quickstart;

import org.jspecify.annotations.NullMarked;
