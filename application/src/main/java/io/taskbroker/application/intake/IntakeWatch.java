package io.taskbroker.application.intake;

import io.taskbroker.application.Stalls;
import io.taskbroker.domain.TimeSource;

/** Who tells intake the time, and whom intake tells what happens. */
public record IntakeWatch(TimeSource time, Stalls stalls, IntakeMetrics metrics) {}
