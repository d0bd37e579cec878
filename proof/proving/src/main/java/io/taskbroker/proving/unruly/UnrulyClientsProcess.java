package io.taskbroker.proving.unruly;

import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Clients that behave badly, in a process of their own: they share nothing with those that are
 * measured beside them but the machine and the broker.
 */
public final class UnrulyClientsProcess implements AutoCloseable {
  private static final String HEAP = "256m";
  private static final Duration START = Duration.ofMinutes(1);

  private final ChildProcess process;

  private UnrulyClientsProcess(ChildProcess process) {
    this.process = process;
  }

  /**
   * Returns once they are there; they do nothing yet.
   *
   * @param application whose tasks they ask for
   * @param output a new file, for what they complain of
   */
  public static UnrulyClientsProcess start(
      String broker, String application, Nuisance nuisance, Path output) {
    List<String> arguments =
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            UnrulyClientsMain.class.getName(),
            broker,
            application,
            nuisance.name());
    var process = ChildProcess.startListening(ChildProcess.java(HEAP, arguments), output);
    Waiting.until(
        "the clients are there, see " + output,
        START,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the clients ended:\n" + process.output());
          }
          return process.output().contains(UnrulyClientsMain.READY);
        });
    return new UnrulyClientsProcess(process);
  }

  public void begin() {
    process.send("begin");
  }

  /** Their connections break off. */
  @Override
  public void close() {
    process.close();
  }
}
