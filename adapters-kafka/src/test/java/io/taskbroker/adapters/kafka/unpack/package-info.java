@NullMarked
package io.taskbroker.adapters.kafka.unpack;

import org.jspecify.annotations.NullMarked;
