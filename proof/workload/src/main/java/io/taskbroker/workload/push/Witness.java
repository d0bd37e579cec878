package io.taskbroker.workload.push;

import io.taskbroker.proto.v1.TaskActivation;

/** Sees what happens to workers that are called. Called on all of their threads. */
public interface Witness {
  /** The broker calls, whatever comes of it. */
  void called();

  /**
   * A worker is about to accept a task.
   *
   * @param calledNanos when the call came, by {@link System#nanoTime}
   */
  void accepted(TaskActivation task, long calledNanos);

  /** A worker has done its part, and is about to say so. */
  void worked(String id);

  /** The broker has acknowledged the report. */
  void acknowledged(String id);
}
