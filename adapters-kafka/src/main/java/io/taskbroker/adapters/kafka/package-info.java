/** Intake, publishing and topic administration with the Kafka client. */
@NullMarked
package io.taskbroker.adapters.kafka;

import org.jspecify.annotations.NullMarked;
