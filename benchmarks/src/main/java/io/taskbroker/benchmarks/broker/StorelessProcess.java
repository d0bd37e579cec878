package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server before no store, in a process of its own as the broker is. */
final class StorelessProcess implements AutoCloseable {
  static final String READY = "ready on port ";

  private static final Pattern PORT = Pattern.compile(READY + "(\\d+)");
  private static final String HEAP = "1g";
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final ChildProcess process;
  private int port;

  private StorelessProcess(ChildProcess process) {
    this.process = process;
  }

  /**
   * Returns once it answers.
   *
   * @param program says {@link #READY} and its port, and ends with its input
   * @param output a new file
   */
  static StorelessProcess start(Class<?> program, Path output) {
    List<String> arguments =
        List.of("-cp", System.getProperty("java.class.path"), program.getName());
    var server =
        new StorelessProcess(
            ChildProcess.startListening(ChildProcess.java(HEAP, arguments), output));
    Waiting.until("the server answers, see " + output, START, server::isReady);
    return server;
  }

  private boolean isReady() {
    Matcher ready = PORT.matcher(process.output());
    if (!ready.find()) {
      return false;
    }
    port = Integer.parseInt(ready.group(1));
    return true;
  }

  /** Answered calls a second. */
  double rate(int workers, int connections, Duration duration) {
    WorkerSettings pool = WorkerSettings.at("127.0.0.1:" + port, workers, connections);
    try (Workers working = Workers.start(pool, List.of(), new Ledger())) {
      long began = System.nanoTime();
      long before = working.callMicros().getTotalCount();
      Waiting.pause(duration);
      long calls = working.callMicros().getTotalCount() - before;
      return calls * 1e9 / (System.nanoTime() - began);
    }
  }

  @Override
  public void close() {
    process.closeInput();
    process.awaitExit(STOP);
  }
}
