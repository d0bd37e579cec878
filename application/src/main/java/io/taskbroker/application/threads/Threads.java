package io.taskbroker.application.threads;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Runs jobs and lets them wait. The core starts no thread and waits for nothing except through this
 * port, {@link Job} and {@link Signal}.
 *
 * <p>There are two implementations. {@link SystemThreads} uses the threads of the JVM. The
 * simulation runs one job at a time: a job runs until it waits or ends, and then a seed chooses the
 * next job. So the core keeps these rules:
 *
 * <ul>
 *   <li>A job waits only in a method of this package whose name begins with {@code await}, or in a
 *       port to the outside (a journal, a publisher, a decoder). No other method of this package
 *       waits, and none of them lets another job run.
 *   <li>Nobody holds a lock during such a wait. A lock guards a short piece of memory.
 *   <li>What depends on a completion runs on the thread that completes it, and does not wait.
 * </ul>
 *
 * <p>Waits ignore interrupts. A thread that was interrupted while it waited is still interrupted
 * afterwards. Safe for all threads.
 */
public interface Threads {
  /** What a job runs on. */
  enum Kind {
    /** For work that holds its thread: native calls, files, long computations. */
    PLATFORM,
    /** For work that mostly waits. */
    VIRTUAL
  }

  /**
   * Creates a job that has not begun.
   *
   * @param name of the thread, for people who read a thread dump
   * @param work run once; what it throws goes to the thread's handler of uncaught exceptions
   */
  Job job(String name, Kind kind, Runnable work);

  /** Creates a signal that is not raised. */
  Signal signal();

  /**
   * Waits until the stage is complete, and returns its result.
   *
   * @throws CompletionException if the stage has failed; its cause is what the stage failed with
   */
  <T> T await(CompletionStage<T> stage);

  /**
   * The clock by which this port measures how long a wait takes, in nanoseconds. It never steps,
   * and is comparable only with itself.
   */
  long nanos();
}
