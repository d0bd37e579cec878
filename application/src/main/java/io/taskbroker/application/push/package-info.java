/** Bringing work to workers that wait to be called. */
@NullMarked
package io.taskbroker.application.push;

import org.jspecify.annotations.NullMarked;
