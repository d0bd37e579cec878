/**
 * The inflight engine: every unfinished activation in memory, ordered for each question that is
 * asked of it. One thread at a time; told the time; performs no I/O.
 */
@NullMarked
package io.taskbroker.inflight.engine;

import org.jspecify.annotations.NullMarked;
