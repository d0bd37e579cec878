/** Code that breaks the rules, each class one of them. */
@NullMarked
package wrong.embeddedkafka;

import org.jspecify.annotations.NullMarked;
