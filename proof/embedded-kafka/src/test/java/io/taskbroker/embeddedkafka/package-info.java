@NullMarked
package io.taskbroker.embeddedkafka;

import org.jspecify.annotations.NullMarked;
