/** The owned store: one writer, the inflight engine, and the journal below it. */
@NullMarked
package io.taskbroker.application.store;

import org.jspecify.annotations.NullMarked;
