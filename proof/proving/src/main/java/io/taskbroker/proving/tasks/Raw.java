package io.taskbroker.proving.tasks;

import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.RawProducer;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Records of a raw topic come to workers as the argument of a task, each once. */
public final class Raw implements Scenario {
  private static final int RECORDS = 20_000;
  private static final int KILLS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "raw";
  private static final String RETRIES = "raw-tasks";
  private static final TaskKind TASK =
      TaskKind.quick("raw.take").working(Duration.ofMillis(5)).within(Duration.ofSeconds(3));

  /** What a worker unpacks for the record "hello world". */
  private static final String HELLO = "82a46172677391c40b68656c6c6f20776f726c64a66b776172677380";

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public String promise() {
    return RECORDS + " raw records while the broker is killed " + KILLS + " times: one task each";
  }

  @Override
  public Verdict play(Stage stage) {
    try (Topics topics = Topics.at(stage.kafka().address())) {
      topics.create(RETRIES, 1);
    }
    try (Rig rig = Rig.of(stage.folder(), stage.kafka().address(), TOPIC, settings());
        var producer = new RawProducer(stage.kafka().address(), TOPIC, rig.ledger())) {
      boolean arrived = helloArrives(rig, producer);
      try (var workers = rig.startWorkers(rig.workers(16, 2), TASK)) {
        produceWhileKilling(rig, producer);
        try (BrokerProcess broker = rig.startBroker();
            StoreWindow view = rig.view()) {
          rig.awaitEnds(PATIENCE);
          rig.awaitNothingLeft(view, PATIENCE);
          int exit = broker.stop(ProcessSignal.TERM).code();
          Account account = rig.ledger().account();
          return new Verdict()
              .expect("wrapped", 1, arrived ? 1 : 0)
              .expect("produced", RECORDS, account.produced())
              .expect("completed", RECORDS, account.completed())
              .expect("lost", 0, account.open())
              .show("repeated", account.repeats())
              .show("failed_calls", workers.failedCalls())
              .expectNone("unexplained", rig.ledger().unexplained())
              .expectNone("error_lines", rig.settings().errorLines())
              .expect("exit", 0, exit);
        }
      }
    }
  }

  private static Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("worker_map.proving", "http://127.0.0.1:1");
    settings.put("kafka_retry_topic", RETRIES);
    settings.put("kafka_topics." + RETRIES + ".cluster", "default");
    settings.put("kafka_topics." + RETRIES + ".consumer_group", RETRIES);
    String raw = "kafka_topics." + TOPIC + ".raw.";
    settings.put(raw + "namespace", "proving");
    settings.put(raw + "application", "proving");
    settings.put(raw + "taskname", TASK.taskname());
    settings.put(raw + "processing_deadline_duration", TASK.deadline().toSeconds());
    settings.put(raw + "compression_level", -1);
    settings.put("kafka_session_timeout_ms", 1_500);
    settings.put("store.processing_deadline_grace_sec", 0);
    settings.put("upkeep_deadline_reset_skip_after_startup_sec", 1);
    return settings;
  }

  private static boolean helloArrives(Rig rig, RawProducer producer) {
    try (BrokerProcess broker = rig.startBroker();
        TaskFetch fetch = TaskFetch.at(rig.settings().grpcAddress())) {
      producer.produce("hello world".getBytes(StandardCharsets.UTF_8));
      var task =
          fetch.await(GetTaskRequest.newBuilder().setApplication("proving").build(), PATIENCE);
      fetch.complete(task.getId());
      var _ = broker.stop(ProcessSignal.TERM);
      return HexFormat.of().formatHex(task.getParametersBytes().toByteArray()).equals(HELLO)
          && task.getTaskname().equals(TASK.taskname());
    }
  }

  /** Each broker dies when it has handed out its share, with more of it taken in and under work. */
  private static void produceWhileKilling(Rig rig, RawProducer producer) {
    int share = RECORDS / (KILLS + 1);
    for (int life = 0; life < KILLS; life++) {
      try (BrokerProcess broker = rig.startBroker()) {
        long before = rig.ledger().handouts();
        producer.produce(TASK, share);
        producer.flush();
        Waiting.until(
            "half of a share is handed out",
            PATIENCE,
            () -> rig.ledger().handouts() - before >= share / 2);
        broker.kill();
      }
    }
    producer.produce(TASK, RECORDS - KILLS * share);
    producer.flush();
  }
}
