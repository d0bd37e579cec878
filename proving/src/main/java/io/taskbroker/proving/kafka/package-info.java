/** A real Kafka of one node, in this process or in one of its own, and what is read from it. */
@NullMarked
package io.taskbroker.proving.kafka;

import org.jspecify.annotations.NullMarked;
