/** The journal of the owned store, in one SQLite file. */
@NullMarked
package io.taskbroker.adapters.sqlite;

import org.jspecify.annotations.NullMarked;
