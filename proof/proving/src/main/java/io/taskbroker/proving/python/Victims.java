package io.taskbroker.proving.python;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Kafka, a broker, our Python workers and their producer: each may be killed, and comes again. */
final class Victims implements AutoCloseable {
  /** Who is killed; of the first three, one of those that are there. */
  enum Victim {
    /** A process that runs tasks. */
    CHILD,
    /** The process that makes those. */
    FORK_SERVER,
    WORKER,
    BROKER,
    KAFKA
  }

  private static final int WORKERS = 2;
  private static final int CHILDREN = 2;
  private static final int PREFETCH = 1;
  private static final int TASKS_PER_SECOND = 80;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final PythonClient client;
  private final Path folder;
  private final Random random;
  private final NodeSettings node;
  private final BrokerSetup settings;
  private final List<ChildProcess> workers = new ArrayList<>();
  private final ChildProcess producer;
  private final ReturningKafka kafka;
  private BrokerProcess broker;
  private int started;

  /** Starts all of them. */
  Victims(Stage stage, PythonClient client, Random random) {
    this.client = client;
    this.folder = stage.folder().toAbsolutePath();
    this.random = random;
    this.node = NodeSettings.in(folder.resolve("kafka"));
    this.kafka = ReturningKafka.start(node);
    this.settings =
        BrokerSetup.of(folder, node.address(), "clientkills")
            .with("kafka_auto_offset_reset", "earliest")
            .with("kafka_session_timeout_ms", 1_500)
            .with("store.processing_deadline_grace_sec", 0)
            .with("upkeep_task_interval_ms", 200)
            .with("upkeep_deadline_reset_skip_after_startup_sec", 1);
    try (Topics topics = Topics.at(node.address())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
    this.broker = BrokerProcess.start(settings);
    for (int i = 0; i < WORKERS; i++) {
      workers.add(startWorker());
    }
    this.producer = start("producer", List.of("produce", Integer.toString(TASKS_PER_SECOND)));
  }

  private ChildProcess startWorker() {
    return start(
        "worker",
        List.of(
            "work",
            settings.grpcAddress(),
            Integer.toString(CHILDREN),
            Integer.toString(PREFETCH)));
  }

  /** With programs of its own, as others read theirs while it starts. */
  private ChildProcess start(String kind, List<String> words) {
    started++;
    String name = kind + "-" + started;
    var variables =
        Map.of(
            "PROVING_RUNS", runsFile().toString(),
            "PROVING_TOPIC", settings.topic(),
            "PROVING_KAFKA", node.address());
    List<String> command = new ArrayList<>(List.of("kill_app.py"));
    command.addAll(words);
    return client.start(
        folder.resolve("programs").resolve(name),
        variables,
        folder.resolve(name + ".log"),
        command);
  }

  /**
   * Kills one; what has been killed has a successor when this returns.
   *
   * @return false if there was none of this kind just now
   */
  boolean kill(Victim victim) {
    return switch (victim) {
      case CHILD -> killOf(workers.stream().flatMap(Victims::children).toList());
      case FORK_SERVER -> killOf(workers.stream().flatMap(Victims::forkServer).toList());
      case WORKER -> {
        ChildProcess worker = workers.remove(random.nextInt(workers.size()));
        worker.kill();
        yield workers.add(startWorker());
      }
      case BROKER -> {
        broker.kill();
        broker = BrokerProcess.start(settings);
        yield true;
      }
      case KAFKA -> {
        kafka.kill();
        kafka.comeBack();
        yield true;
      }
    };
  }

  private boolean killOf(List<ProcessHandle> processes) {
    return !processes.isEmpty()
        && processes.get(random.nextInt(processes.size())).destroyForcibly();
  }

  /** Beside it is the shell that watches over the worker. */
  private static Stream<ProcessHandle> forkServer(ChildProcess worker) {
    return ProcessHandle.of(worker.pid()).stream()
        .flatMap(ProcessHandle::children)
        .filter(child -> child.info().command().orElse("").contains("python"));
  }

  private static Stream<ProcessHandle> children(ChildProcess worker) {
    return forkServer(worker).flatMap(ProcessHandle::children);
  }

  BrokerSetup settings() {
    return settings;
  }

  RunLog runs() {
    return RunLog.read(runsFile());
  }

  private Path runsFile() {
    return folder.resolve("runs");
  }

  /**
   * Ends the load; all that was sent is in Kafka then.
   *
   * @return how many tasks of each name were sent; their labels are 0 and up
   */
  int endLoad() {
    producer.signal(ProcessSignal.TERM);
    int exit = producer.awaitExit(PATIENCE);
    String last = producer.output().lines().reduce("", (_, line) -> line);
    if (exit != 0 || !last.startsWith("sent ")) {
      throw new IllegalStateException(
          "the producer ended with " + exit + ":\n" + producer.output());
    }
    return Integer.parseInt(last.substring("sent ".length()));
  }

  /** Tells workers and broker to stop; returns what each of them ended with. */
  List<Integer> stop() {
    workers.forEach(worker -> worker.signal(ProcessSignal.TERM));
    List<Integer> codes = new ArrayList<>();
    workers.forEach(worker -> codes.add(worker.awaitExit(PATIENCE)));
    codes.add(broker.stop(ProcessSignal.TERM).code());
    return codes;
  }

  /** Waits until so many runs of a task have ended. */
  void awaitEnds(String task, int number) {
    Waiting.until(
        number + " runs of '" + task + "' have ended, see " + folder,
        PATIENCE,
        () -> runs().ends(task) >= number);
  }

  @Override
  public void close() {
    producer.close();
    workers.forEach(ChildProcess::close);
    broker.close();
    kafka.close();
  }
}
