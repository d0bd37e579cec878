/** A real Postgres server beside this process, for tests of adapters and for the scenarios. */
@NullMarked
package io.taskbroker.embeddedpostgres;

import org.jspecify.annotations.NullMarked;
