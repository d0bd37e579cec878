package io.taskbroker.quickstart;

import java.nio.file.Path;

/**
 * How the demo is to run.
 *
 * @param state folder of everything that it keeps
 * @param tasks to produce; {@link #ENDLESS} for no end
 * @param ratePerSecond of the producer
 * @param workers with one task each at a time
 * @param delivery who begins, workers or the broker
 * @param keeping where the broker keeps its tasks
 * @param ports where to listen
 * @param isQuiet whether nothing happens but what others do: no task of the demo, no worker
 */
record DevSettings(
    Path state,
    long tasks,
    int ratePerSecond,
    int workers,
    Delivery delivery,
    Keeping keeping,
    Ports ports,
    boolean isQuiet) {
  /** Each is taken if it is free, or else another one is. */
  record Ports(int kafka, int grpc, int admin) {}

  /** How tasks get to workers. */
  enum Delivery {
    PULL,
    PUSH
  }

  /** Where tasks are kept. */
  enum Keeping {
    FILE,
    POSTGRES
  }

  static final long ENDLESS = Long.MAX_VALUE;

  DevSettings {
    if (tasks < 0 || ratePerSecond < 0 || workers < 0) {
      throw new IllegalArgumentException(
          "tasks, rate and workers must not be negative, were %d, %d and %d"
              .formatted(tasks, ratePerSecond, workers));
    }
  }
}
