package io.taskbroker.embeddedpostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Stops a server once this process has ended in whatever way: a shell waits until its input ends,
 * as it does also when this process is killed.
 */
final class EndWithUs implements AutoCloseable {
  /** The number is compared, since the folder may have another server by then, or none. */
  private static final String COMMANDS =
      """
      trap '' INT TERM HUP
      cat > /dev/null
      test "$(head -n 1 "$0/postmaster.pid")" = "$1" && kill -INT "$1"
      """;

  private static final long LONGEST_END_SEC = 10;

  private final Process shell;

  private EndWithUs(Process shell) {
    this.shell = shell;
  }

  /**
   * @param data folder of the server
   * @param server its main process
   */
  static EndWithUs of(Path data, ProcessHandle server) {
    try {
      return new EndWithUs(
          new ProcessBuilder("sh", "-c", COMMANDS, data.toString(), Long.toString(server.pid()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException("nobody would end the server of " + data, e);
    }
  }

  /** To be called once the server has ended. */
  @Override
  public void close() {
    try {
      shell.getOutputStream().close();
      boolean _ = shell.waitFor(LONGEST_END_SEC, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException("a shell that watches a server does not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
