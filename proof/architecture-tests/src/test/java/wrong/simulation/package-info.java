/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.simulation;

import org.jspecify.annotations.NullMarked;
