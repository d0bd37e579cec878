/**
 * What tests, the demo and the benchmarks share: a real Kafka in process, load, workers and the
 * ledger.
 */
@NullMarked
package io.taskbroker.proving;

import org.jspecify.annotations.NullMarked;
