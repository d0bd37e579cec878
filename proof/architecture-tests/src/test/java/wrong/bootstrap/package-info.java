/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.bootstrap;

import org.jspecify.annotations.NullMarked;
