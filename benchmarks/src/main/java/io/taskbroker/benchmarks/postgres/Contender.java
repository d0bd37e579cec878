package io.taskbroker.benchmarks.postgres;

import java.util.concurrent.CompletionStage;

/** A store under load, whichever it is. Safe for any number of threads. */
interface Contender extends AutoCloseable {
  /** Stores so many tasks of 1 KB as one batch, and returns when Kafka may be told. */
  void add(int tasks);

  /**
   * Has callers claim a task, complete it, and begin anew without a pause.
   *
   * @return ends when each caller has ended the lifecycle after which it was told to stop
   */
  CompletionStage<?> work(int callers, Tally tally);

  @Override
  void close();
}
