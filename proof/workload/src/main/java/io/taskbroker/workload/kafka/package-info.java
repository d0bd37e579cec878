/** A real Kafka as a process of its own, and questions to whichever Kafka runs. */
@NullMarked
package io.taskbroker.workload.kafka;

import org.jspecify.annotations.NullMarked;
