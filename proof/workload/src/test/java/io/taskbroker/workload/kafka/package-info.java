@NullMarked
package io.taskbroker.workload.kafka;

import org.jspecify.annotations.NullMarked;
