package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Backoff;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.InterruptException;

/** Tries something in the background, with longer and longer rests, until it is done or closed. */
final class UntilDone implements AutoCloseable {
  /** An attempt that does not heed its interruption is left alone after so long. */
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private static final Duration FIRST_REST = Duration.ofMillis(250);
  private static final Duration LONGEST_REST = Duration.ofSeconds(5);

  private final BooleanSupplier attempt;
  private final Thread thread;

  /**
   * @param attempt whether it is done; may block, and must not throw for what Kafka says
   */
  static UntilDone start(String name, BooleanSupplier attempt) {
    var task = new UntilDone(name, attempt);
    task.thread.start();
    return task;
  }

  private UntilDone(String name, BooleanSupplier attempt) {
    this.attempt = attempt;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  /** How long to rest between attempts at Kafka. */
  static Backoff rests() {
    return new Backoff(FIRST_REST, LONGEST_REST);
  }

  /** Whether no further attempt will be made. */
  boolean hasEnded() {
    return !thread.isAlive();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Backoff backoff = rests();
    try {
      while (!attempt.getAsBoolean()) {
        TimeUnit.MILLISECONDS.sleep(backoff.next().toMillis());
      }
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }
}
