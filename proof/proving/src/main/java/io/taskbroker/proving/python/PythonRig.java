package io.taskbroker.proving.python;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A broker's settings, and the Python programs around it. */
final class PythonRig {
  /** Who calls whom. */
  enum Delivery {
    PULL,
    PUSH
  }

  /** Whether calls carry signatures. */
  enum Calls {
    OPEN,
    SIGNED
  }

  /**
   * Who sends tasks, and who works on them.
   *
   * @param name begins the names of what is judged; empty for none
   */
  record Pair(String name, PythonClient producer, PythonClient worker) {}

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final List<String> SECRETS = List.of("the first secret", "the second secret");

  /** The same ones, the other way round, so that each side signs with the other's second. */
  private static final String WORKERS_SECRETS = "[\"the second secret\", \"the first secret\"]";

  private final Stage stage;
  private final Pair pair;
  private final Delivery delivery;
  private final Calls calls;
  private final Path folder;
  private final int workerPort = FreePorts.any();
  private final int httpPort = FreePorts.any();
  private final BrokerSetup settings;
  private final List<ChildProcess> workers = new ArrayList<>();
  private int started;

  PythonRig(Stage stage, Pair pair, Delivery delivery, Calls calls) {
    this.stage = stage;
    this.pair = pair;
    this.delivery = delivery;
    this.calls = calls;
    this.folder = stage.folder().resolve(name()).toAbsolutePath();
    this.settings = makeSettings();
  }

  private BrokerSetup makeSettings() {
    BrokerSetup made =
        BrokerSetup.of(folder, stage.kafka().address(), "workers-" + name())
            .with("kafka_auto_offset_reset", "earliest")
            .with("upkeep_task_interval_ms", 200)
            .with("upkeep_deadline_reset_skip_after_startup_sec", 1)
            .with("http_addr", "127.0.0.1")
            .with("http_port", httpPort);
    if (calls == Calls.SIGNED) {
      made = made.with("grpc_shared_secret", SECRETS);
    }
    return switch (delivery) {
      case PULL -> made;
      case PUSH -> // a lease of some nine seconds
          made.with("delivery_mode", "push")
              .with("worker_map.proving", "http://127.0.0.1:" + workerPort)
              .with("fetch.batch_length", 4)
              .with("push.threads", 4)
              .with("push.queue.size", 4)
              .with("push.queue.timeout", "200ms")
              .with("push.timeout", "3s");
    };
  }

  String name() {
    String name = (delivery + "_" + calls).toLowerCase(Locale.ROOT);
    return pair.name().isEmpty() ? name : pair.name() + "_" + name;
  }

  Delivery delivery() {
    return delivery;
  }

  Calls calls() {
    return calls;
  }

  BrokerSetup settings() {
    return settings;
  }

  /** Sends tasks with the client; returns when Kafka has them. */
  void produce(List<Fate> fates) {
    List<String> words = new ArrayList<>(List.of("produce.py"));
    fates.forEach(fate -> words.add(fate.task() + "=" + fate.tasks()));
    String _ = outputOf(pair.producer(), "producer", words);
  }

  ChildProcess startWorker() {
    List<String> words = new ArrayList<>(List.of("run_worker.py"));
    words.add(delivery.name().toLowerCase(Locale.ROOT));
    words.add(settings.grpcAddress());
    if (delivery == Delivery.PUSH) {
      words.add(Integer.toString(workerPort));
      words.add(folder.resolve("draining").toString());
    }
    ChildProcess worker = start(pair.worker(), "worker", words);
    workers.add(worker);
    return worker;
  }

  /**
   * What they complain of, but for a queue that is full, which is how they say that they are busy.
   */
  List<String> warningsOfWorkers() {
    return workers.stream()
        .flatMap(worker -> worker.output().lines())
        .filter(line -> line.startsWith("WARNING") || line.startsWith("ERROR"))
        .filter(line -> !line.contains("child_task_queue_full"))
        .toList();
  }

  /** What {@code read_metrics.py} prints of the broker's page. */
  String metrics() {
    return outputOf(
        pair.worker(),
        "metrics",
        List.of("read_metrics.py", "http://127.0.0.1:" + httpPort + "/metrics"));
  }

  private String outputOf(PythonClient client, String kind, List<String> words) {
    try (ChildProcess program = start(client, kind, words)) {
      int exit = program.awaitExit(PATIENCE);
      if (exit != 0) {
        throw new IllegalStateException(
            words.getFirst() + " ended with " + exit + ":\n" + program.output());
      }
      return program.output();
    }
  }

  private ChildProcess start(PythonClient client, String kind, List<String> words) {
    started++;
    Map<String, String> variables = new HashMap<>();
    variables.put("PROVING_RUNS", runsFile().toString());
    variables.put("PROVING_TOPIC", settings.topic());
    variables.put("PROVING_KAFKA", settings.kafka());
    if (calls == Calls.SIGNED) {
      variables.put("PROVING_SECRET", WORKERS_SECRETS);
    }
    return client.start(folder, variables, folder.resolve(kind + "-" + started + ".log"), words);
  }

  private Path runsFile() {
    return folder.resolve("runs");
  }

  RunLog runs() {
    return RunLog.read(runsFile());
  }

  void awaitRuns(Fate fate, int number) {
    Waiting.until(
        number + " tasks '" + fate.task() + "' have run, see " + folder,
        PATIENCE,
        () -> runs().runs(fate.task()) >= number);
  }
}
