@NullMarked
package io.taskbroker.proving.kafka;

import org.jspecify.annotations.NullMarked;
