/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.embeddedpostgres;

import org.jspecify.annotations.NullMarked;
