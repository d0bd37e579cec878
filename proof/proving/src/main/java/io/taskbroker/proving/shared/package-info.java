/** Brokers that share a Postgres database. */
@NullMarked
package io.taskbroker.proving.shared;

import org.jspecify.annotations.NullMarked;
