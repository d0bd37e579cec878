/** Attempts: hand-outs of activations by name, and what workers say of them. */
@NullMarked
package io.taskbroker.domain.attempt;

import org.jspecify.annotations.NullMarked;
