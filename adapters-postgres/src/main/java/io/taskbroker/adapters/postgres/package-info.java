/** The journal of the owned store, in a Postgres database that several brokers share. */
@NullMarked
package io.taskbroker.adapters.postgres;

import org.jspecify.annotations.NullMarked;
