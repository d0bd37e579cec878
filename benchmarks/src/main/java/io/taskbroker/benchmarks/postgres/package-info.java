/** The store in Postgres, beside what a server can do otherwise. */
@NullMarked
package io.taskbroker.benchmarks.postgres;

import org.jspecify.annotations.NullMarked;
