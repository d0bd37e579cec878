/** Clients, records, settings and files that attack the broker. */
@NullMarked
package io.taskbroker.proving.hostile;

import org.jspecify.annotations.NullMarked;
