package io.taskbroker.workload.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program started by this one, its output in a file.
 *
 * <p>It does not outlive this JVM, however that ends: the operating system closes the child's input
 * then. A child that does not read its input gets a watcher that does, and that asks it to stop.
 */
public final class ChildProcess implements AutoCloseable {
  /** What a child has for an orderly stop when this JVM has ended, in seconds. */
  private static final int LAST_WORDS = 12;

  /**
   * Becomes the command that follows, so signals and the process id are the command's own. Beside
   * it stays a shell that waits for the end of the input, asks the command to stop, and at last
   * kills it. Ctrl-C does not reach that shell.
   */
  private static final String WATCHED =
      """
      exec 3<&0 < /dev/null
      (
        trap '' INT TERM HUP
        while read -r _; do :; done
        kill -TERM $$
        for _ in $(seq %d); do kill -0 $$ || exit; sleep 1; done
        kill -KILL $$
      ) <&3 3<&- > /dev/null 2>&1 &
      exec "$@" 3<&-
      """
          .formatted(LAST_WORDS);

  /** Which compilers this JVM was told to do with. */
  private static final List<String> COMPILERS =
      ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(argument -> argument.startsWith("-XX:TieredStopAtLevel="))
          .toList();

  private final Process process;
  private final Path output;

  private ChildProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a program that does not read its input.
   *
   * @param output takes both of its streams, after what is there already
   */
  public static ChildProcess start(List<String> command, Path output) {
    List<String> watched = new ArrayList<>(List.of("sh", "-c", WATCHED, "sh"));
    watched.addAll(command);
    return startListening(watched, output);
  }

  /**
   * Starts a program that reads its input, and ends by itself when that ends.
   *
   * @param output takes both of its streams, after what is there already
   */
  public static ChildProcess startListening(List<String> command, Path output) {
    try {
      Files.createDirectories(output.toAbsolutePath().getParent());
      Process process =
          new ProcessBuilder(withSignalsAtDefault(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
      return new ChildProcess(process, output);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command.getFirst(), e);
    }
  }

  /** A JVM like this one, with the same compilers. */
  public static List<String> java(String heap, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.addAll(COMPILERS);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(arguments);
    return command;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** CPU time used so far, of all its threads; zero once it has ended. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /**
   * How long its threads have waited for a processor, taken together: what a busy machine, and not
   * the program, has cost. Zero once it has ended, and where the system does not tell.
   */
  public Duration waitedForProcessor() {
    long nanos = 0;
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid()), "task"))) {
      for (Path thread : threads) {
        String[] numbers = Files.readString(thread.resolve("schedstat")).strip().split(" ", -1);
        nanos += Long.parseLong(numbers[1]);
      }
    } catch (IOException | DirectoryIteratorException _) {
      return Duration.ofNanos(nanos); // it ends, or there is no such folder
    }
    return Duration.ofNanos(nanos);
  }

  /** Has no effect if it has ended. */
  public void signal(ProcessSignal signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot signal process " + pid(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(Duration.ofMinutes(1));
  }

  /** Gives a line to a program that listens on its input; none, if it has gone already. */
  public void send(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException _) {
      // It has gone already.
    }
  }

  /** Tells a program that listens on its input that no more will come. */
  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException _) {
      // It has gone already.
    }
  }

  /**
   * @return the exit code; 128 and the signal's number if a signal ended it
   * @throws IllegalStateException if it is still alive after {@code patience}
   */
  public int awaitExit(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "process " + pid() + " is alive after " + patience.toSeconds() + " s; see " + output);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Everything written so far, by this process and by others before it into the same file. */
  public String output() {
    try {
      // The last letter may not be whole yet.
      return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + output, e);
    }
  }

  public Path outputFile() {
    return output;
  }

  /** Ends it if it is still there. */
  @Override
  public void close() {
    if (isAlive()) {
      kill();
    }
  }

  /**
   * A shell's background jobs ignore SIGINT, and what nohup starts ignores SIGHUP. Their children
   * inherit that, and a JVM keeps to it. So where one is ignored here, the child is started through
   * a program that undoes it.
   */
  private static List<String> withSignalsAtDefault(List<String> command) throws IOException {
    if (!ignoresSignals()) {
      return command;
    }
    List<String> wrapped = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
    wrapped.addAll(command);
    return wrapped;
  }

  private static boolean ignoresSignals() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    // HUP is 1, INT 2 and TERM 15; the mask's lowest bit stands for 1.
    long some = 1L | 1L << 1 | 1L << 14;
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .map(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
        .anyMatch(mask -> (mask & some) != 0);
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for another process", e);
  }
}
