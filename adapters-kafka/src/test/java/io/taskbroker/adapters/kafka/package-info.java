/** The Kafka adapter against a real Kafka. */
@NullMarked
package io.taskbroker.adapters.kafka;

import org.jspecify.annotations.NullMarked;
