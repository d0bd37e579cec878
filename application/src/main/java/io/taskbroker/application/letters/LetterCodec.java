package io.taskbroker.application.letters;

import java.util.Optional;

/** Reads and renews the tasks in dead letters. Safe for all threads. */
public interface LetterCodec {
  /** What the task is called; empty if the payload is none. */
  Optional<Names> names(byte[] payload);

  /**
   * The same task as if it were new: of this id, produced now, tried by nobody, without a delay.
   *
   * @param nowMs Unix milliseconds
   * @throws IllegalArgumentException if the payload is no task
   */
  byte[] fresh(byte[] payload, String id, long nowMs);

  /** What a task is called. */
  record Names(String id, String application, String namespace, String taskname) {}
}
