/** JMH over the hot path of the store, and measurements from outside. */
@NullMarked
package io.taskbroker.benchmarks;

import org.jspecify.annotations.NullMarked;
