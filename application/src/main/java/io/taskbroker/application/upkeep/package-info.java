/** What time brings about: deadlines, delays, expiry, and what has to leave through Kafka. */
@NullMarked
package io.taskbroker.application.upkeep;

import org.jspecify.annotations.NullMarked;
