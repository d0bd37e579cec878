/** Work for workers, and their reports. */
@NullMarked
package io.taskbroker.application.dispatch;

import org.jspecify.annotations.NullMarked;
