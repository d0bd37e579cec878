/** Everything around a broker that works: its Kafka, producers, workers, and the ledger. */
@NullMarked
package io.taskbroker.workload;

import org.jspecify.annotations.NullMarked;
