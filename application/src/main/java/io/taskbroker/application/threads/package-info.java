/** Who runs and who waits: the port through which the core starts jobs and lets them wait. */
@NullMarked
package io.taskbroker.application.threads;

import org.jspecify.annotations.NullMarked;
