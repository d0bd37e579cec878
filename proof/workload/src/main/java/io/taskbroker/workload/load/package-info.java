/** Those around the broker: a producer, and workers of which each kind of task behaves as told. */
@NullMarked
package io.taskbroker.workload.load;

import org.jspecify.annotations.NullMarked;
