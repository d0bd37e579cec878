/** The door to whatever keeps the tasks: what the broker asks of a store, and what it is told. */
@NullMarked
package io.taskbroker.application.store;

import org.jspecify.annotations.NullMarked;
