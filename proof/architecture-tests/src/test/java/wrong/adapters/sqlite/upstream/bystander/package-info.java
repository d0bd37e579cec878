/** Breaks no rule. */
@NullMarked
package wrong.adapters.sqlite.upstream.bystander;

import org.jspecify.annotations.NullMarked;
