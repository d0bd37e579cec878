package io.taskbroker.workload.load;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pool of workers.
 *
 * @param address of the broker, as {@code host:port}
 * @param application the only one whose tasks they take; null for any
 * @param workers how many, each with one task at a time
 * @param connections that they share
 * @param rest between an empty answer and the next question
 * @param waits how long the broker may hold a question until there is a task; zero for not at all
 * @param onUnheard what they do when a report is not acknowledged
 */
public record WorkerSettings(
    String address,
    @Nullable String application,
    int workers,
    int connections,
    Duration rest,
    Duration waits,
    Unheard onUnheard) {
  private static final Duration REST = Duration.ofMillis(5);

  /** What a worker does whose report was not acknowledged. */
  public enum Unheard {
    /** Says it again until it is, as real workers do. */
    REPEAT,
    /** Forgets it, as a worker does that dies at that moment. */
    FORGET
  }

  public WorkerSettings {
    if (workers < 1 || connections < 1) {
      throw new IllegalArgumentException(
          "needs a worker and a connection, got " + workers + " and " + connections);
    }
  }

  public static WorkerSettings at(String address, int workers, int connections) {
    return new WorkerSettings(
        address, null, workers, connections, REST, Duration.ZERO, Unheard.REPEAT);
  }

  public WorkerSettings of(String onlyApplication) {
    return new WorkerSettings(
        address, onlyApplication, workers, connections, rest, waits, onUnheard);
  }

  /** The same with questions that the broker holds until there is a task, for so long at most. */
  public WorkerSettings waiting(Duration atMost) {
    return new WorkerSettings(address, application, workers, connections, rest, atMost, onUnheard);
  }

  public WorkerSettings whenUnheard(Unheard what) {
    return new WorkerSettings(address, application, workers, connections, rest, waits, what);
  }
}
