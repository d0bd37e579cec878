package io.taskbroker.application.intake;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.rules.Latecomers;
import io.taskbroker.domain.TimeSource;

/**
 * Who tells intake the time, and whom intake tells what happens.
 *
 * @param latecomers told of rows that a new kill switch has overtaken on their way into the store
 */
public record IntakeWatch(
    TimeSource time, Stalls stalls, IntakeMetrics metrics, Latecomers latecomers) {}
