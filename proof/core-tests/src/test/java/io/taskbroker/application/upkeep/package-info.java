/** Passes of upkeep. */
@NullMarked
package io.taskbroker.application.upkeep;

import org.jspecify.annotations.NullMarked;
