/** The owned store: one writer thread, the inflight engine, and the journal below it. */
@NullMarked
package io.taskbroker.inflight;

import org.jspecify.annotations.NullMarked;
