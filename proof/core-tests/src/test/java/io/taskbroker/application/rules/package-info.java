/** What operators' rules do to tasks that are stored. */
@NullMarked
package io.taskbroker.application.rules;

import org.jspecify.annotations.NullMarked;
