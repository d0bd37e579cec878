package io.taskbroker.proving.tasks;

import io.taskbroker.workload.process.Waiting;
import java.time.Duration;

/** Does something hundreds of times a second, on a thread of its own, until closed. */
final class Load implements AutoCloseable {
  private static final Duration REST = Duration.ofMillis(2);

  private final Thread thread;
  private volatile boolean closing;

  private Load(Runnable step) {
    this.thread =
        Thread.ofPlatform()
            .name("load")
            .start(
                () -> {
                  while (!closing) {
                    step.run();
                    Waiting.pause(REST);
                  }
                });
  }

  static Load of(Runnable step) {
    return new Load(step);
  }

  /** Returns when the last step is over. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
