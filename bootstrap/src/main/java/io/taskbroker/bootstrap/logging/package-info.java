/** Logs on the standard error stream, filtered and formatted as operators are used to. */
@NullMarked
package io.taskbroker.bootstrap.logging;

import org.jspecify.annotations.NullMarked;
