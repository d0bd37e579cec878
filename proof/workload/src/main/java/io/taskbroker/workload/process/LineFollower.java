package io.taskbroker.workload.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** Reads a file that grows, line by line, on a thread of its own, until closed. */
public final class LineFollower implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int BUFFER = 64 * 1024;

  private final Path file;
  private final Consumer<String> onLine;
  private final Thread thread;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private volatile boolean closing;

  private LineFollower(Path file, Consumer<String> onLine) {
    this.file = file;
    this.onLine = onLine;
    this.thread =
        Thread.ofPlatform().daemon().name("follow-" + file.getFileName()).unstarted(this::follow);
  }

  /**
   * @param onLine called on the follower's thread
   */
  public static LineFollower start(Path file, Consumer<String> onLine) {
    var follower = new LineFollower(file, onLine);
    follower.thread.start();
    return follower;
  }

  private void follow() {
    byte[] bytes = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      while (true) {
        boolean last = closing;
        int read = in.read(bytes);
        if (read > 0) {
          split(bytes, read);
        } else if (last) {
          return;
        } else {
          Waiting.pause(PAUSE);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private void split(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        onLine.accept(begun.toString(StandardCharsets.UTF_8));
        begun.reset();
      } else {
        begun.write(bytes[i]);
      }
    }
  }

  /** Returns when all that is in the file has been told. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
