/** How fast the packaged broker is, measured from outside over Kafka and gRPC. */
@NullMarked
package io.taskbroker.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
