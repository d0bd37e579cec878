/** Whether the figures of the store in Postgres are what they are called. */
@NullMarked
package io.taskbroker.benchmarks.postgres;

import org.jspecify.annotations.NullMarked;
