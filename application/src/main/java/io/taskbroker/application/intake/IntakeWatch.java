package io.taskbroker.application.intake;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;

/**
 * Who tells intake the time and runs its threads, whom intake tells what happens, and who takes
 * what cannot be stored.
 *
 * @param letters given the rows that the store refuses
 */
public record IntakeWatch(
    TimeSource time,
    Threads threads,
    Stalls stalls,
    EventSink<IntakeEvent> metrics,
    DirectLetters letters) {}
