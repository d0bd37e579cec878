/** What operators see of tasks, and what they do to them. */
@NullMarked
package io.taskbroker.domain.operator;

import org.jspecify.annotations.NullMarked;
