/** What the broker counts, for DogStatsD and for Prometheus. */
@NullMarked
package io.taskbroker.adapters.metrics;

import org.jspecify.annotations.NullMarked;
