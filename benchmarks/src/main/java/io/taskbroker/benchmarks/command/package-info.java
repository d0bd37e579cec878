/** {@code ./taskbroker bench}: the benchmarks by their names. */
@NullMarked
package io.taskbroker.benchmarks.command;

import org.jspecify.annotations.NullMarked;
