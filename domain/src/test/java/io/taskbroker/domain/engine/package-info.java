/** The engine, shown to decide and to take back. */
@NullMarked
package io.taskbroker.domain.engine;

import org.jspecify.annotations.NullMarked;
