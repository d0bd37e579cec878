/** A real Kafka of one node in this process, for tests of adapters, the demo and the scenarios. */
@NullMarked
package io.taskbroker.embeddedkafka;

import org.jspecify.annotations.NullMarked;
