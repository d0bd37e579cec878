package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The largest size that a file is seen to have; it is asked of the file system, never opened. */
final class LargestSize implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final Path file;
  private final Thread thread;
  private volatile long bytes;
  private volatile boolean closing;

  private LargestSize(Path file) {
    this.file = file;
    this.thread = Thread.ofPlatform().daemon().name("largest-size").unstarted(this::look);
  }

  static LargestSize of(Path file) {
    var size = new LargestSize(file);
    size.thread.start();
    return size;
  }

  private void look() {
    while (!closing) {
      try {
        bytes = Math.max(bytes, Files.size(file));
      } catch (IOException _) {
        // It is not there now.
      }
      Waiting.pause(LOOK_EVERY);
    }
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    closing = true;
  }
}
