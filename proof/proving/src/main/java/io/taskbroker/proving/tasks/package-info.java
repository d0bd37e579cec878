/** What becomes of a task whose workers ask for it. */
@NullMarked
package io.taskbroker.proving.tasks;

import org.jspecify.annotations.NullMarked;
