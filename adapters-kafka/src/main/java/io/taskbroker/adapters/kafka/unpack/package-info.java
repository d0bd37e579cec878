/** Bounds what is unpacked of Kafka's batches, by looking at each size before memory is taken. */
@NullMarked
package io.taskbroker.adapters.kafka.unpack;

import org.jspecify.annotations.NullMarked;
