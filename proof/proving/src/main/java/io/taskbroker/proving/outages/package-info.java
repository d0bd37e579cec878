/** Brokers that are killed, consumer groups that change, and Kafka that is away. */
@NullMarked
package io.taskbroker.proving.outages;

import org.jspecify.annotations.NullMarked;
