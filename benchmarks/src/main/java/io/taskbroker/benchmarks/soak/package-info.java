/** The broker under load for a long time, and whether anything about it drifts. */
@NullMarked
package io.taskbroker.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
