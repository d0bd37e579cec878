package io.taskbroker.application.operations;

import io.taskbroker.domain.operator.TaskNames;

/**
 * How tasks of one kind went lately.
 *
 * @param ended how many are over, whatever became of them
 * @param failed of those, how many had failed
 * @param waits from when a task was due until it was handed out, where that was once only
 * @param runs from a task's last hand-out until its worker reported that it is done
 */
public record Pace(TaskNames names, long ended, long failed, Spread waits, Spread runs) {}
