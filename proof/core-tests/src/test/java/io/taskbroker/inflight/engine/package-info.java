/** The engine, alone and against the model store. */
@NullMarked
package io.taskbroker.inflight.engine;

import org.jspecify.annotations.NullMarked;
