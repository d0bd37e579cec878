package io.taskbroker.workload.kafka;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real Kafka (KRaft, one node) in a process of its own, so that it can fail by itself. */
public final class KafkaProcess implements Kafka {
  private static final String HEAP = "400m";
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofMinutes(1);

  private final NodeSettings settings;
  private final ChildProcess process;

  private KafkaProcess(NodeSettings settings, ChildProcess process) {
    this.settings = settings;
    this.process = process;
  }

  /**
   * Returns once clients can connect. Starting again with the same settings finds the same data.
   */
  public static KafkaProcess start(NodeSettings settings) {
    return start(settings, Map.of());
  }

  /**
   * As {@link #start(NodeSettings)}.
   *
   * @param more of Kafka's own properties, which come before ours
   */
  public static KafkaProcess start(NodeSettings settings, Map<String, String> more) {
    Path log = settings.folder().resolveSibling(settings.folder().getFileName() + ".log");
    try {
      Files.createDirectories(settings.folder());
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + settings.folder(), e);
    }
    var process = ChildProcess.startListening(command(settings, more), log);
    Waiting.until(
        "Kafka runs, see " + log,
        START,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("Kafka ended at its start:\n" + process.output());
          }
          return process.output().contains(KafkaMain.READY);
        });
    return new KafkaProcess(settings, process);
  }

  private static List<String> command(NodeSettings settings, Map<String, String> more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaMain.class.getName(),
                settings.folder().toString(),
                Integer.toString(settings.port()),
                Integer.toString(settings.controllerPort())));
    more.forEach((key, value) -> arguments.add(key + "=" + value));
    return ChildProcess.java(HEAP, arguments);
  }

  public NodeSettings settings() {
    return settings;
  }

  @Override
  public String address() {
    return settings.address();
  }

  /** Has no effect if it has ended. */
  public void signal(ProcessSignal signal) {
    process.signal(signal);
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.kill();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.closeInput();
      process.awaitExit(STOP);
    }
  }
}
