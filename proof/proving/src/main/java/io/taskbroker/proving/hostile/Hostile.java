package io.taskbroker.proving.hostile;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.RulesFolder;
import io.taskbroker.workload.process.Waiting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What nobody should send, or start: each is answered in words, and nothing else suffers. */
public final class Hostile implements Scenario {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CALL = Duration.ofSeconds(5);

  /** Long enough for a loop to go round many times. */
  private static final Duration LOOP = Duration.ofSeconds(3);

  /** So that the arguments of each task are looked at. */
  private static final String RULES =
      """
      drop_task_killswitch:
        - name: hostile.task
          select_arg: {0: 5}
      demoted_namespaces: []
      """;

  private static final Map<String, String> LARGE = Map.of("max.message.bytes", "30000000");

  @Override
  public String name() {
    return "hostile";
  }

  @Override
  public String promise() {
    return "hostile records, batches, clients, settings and files: each is told why, nothing else"
        + " suffers";
  }

  @Override
  public Verdict play(Stage stage) {
    var verdict = new Verdict();
    var rules = RulesFolder.create(stage.folder().resolve("rules"), RULES);
    var settings =
        BrokerSetup.of(stage.folder(), stage.kafka().address(), "hostile")
            .with("runtime_config_path", rules.file().toString())
            .with("kafka_retry_topic", "hostile")
            .with("kafka_topics.hostile-dlq.produce_only", false);
    try (Topics topics = Topics.at(stage.kafka().address())) {
      topics.create(settings.topic(), 1, LARGE);
      topics.create(settings.deadLetterTopic(), 1, LARGE);
      try (BrokerProcess broker = BrokerProcess.start(settings)) {
        records(stage, settings, topics, verdict);
        new HostileClients(stage, settings, broker, verdict).play();
        new HostileFloods(stage.in("floods"), verdict).play();
        new HostileStarts(stage, settings, verdict).play();
        new HostileFiles(stage, settings.kafka(), verdict).play();
        verdict.expect("alive", 1, broker.process().isAlive() ? 1 : 0);
      }
      new HostileBatches(stage, verdict).play();
    }
    return verdict;
  }

  private static void records(Stage stage, BrokerSetup settings, Topics topics, Verdict verdict) {
    List<HostileRecords.Sent> all = HostileRecords.all();
    try (var source = new RawTopic(settings.kafka(), settings.topic());
        var deadLetters = new RawTopic(settings.kafka(), settings.deadLetterTopic())) {
      all.forEach(sent -> source.send(sent.value(), sent.headers()));
      Set<String> tasks = new HashSet<>();
      long expected = all.stream().filter(sent -> sent.reason() == null).count();
      Waiting.until(
          "workers have all tasks among the records, have " + tasks,
          PATIENCE,
          () -> {
            work(settings, tasks);
            return tasks.size() >= expected;
          });
      for (String topic : List.of(settings.topic(), settings.deadLetterTopic())) {
        Waiting.untilNothingLeft(
            "all offsets of " + topic + " are committed",
            PATIENCE,
            () -> topics.lag(settings.group(), topic));
      }
      Waiting.pause(LOOP); // the dead-letter topic is consumed, too: nothing may go round in it
      Map<String, String> reasons = new TreeMap<>();
      List<ConsumerRecord<byte[], byte[]>> letters = deadLetters.records();
      letters.forEach(letter -> reasons.put(header(letter, "offset"), header(letter, "reason")));
      int offset = 0;
      long astray = 0;
      for (HostileRecords.Sent sent : all) {
        String seen = reasons.getOrDefault(Integer.toString(offset++), "");
        boolean good =
            sent.reason() == null ? tasks.contains(sent.name()) : seen.contains(sent.reason());
        astray += good ? 0 : 1;
        stage.say(
            sent.name()
                + ": "
                + (sent.reason() == null
                    ? "with a worker " + tasks.contains(sent.name())
                    : "dead letter, reason \"" + seen + "\""));
      }
      long bad = all.size() - expected;
      stage.say("dead-letter topic consumed, too: " + letters.size() + " dead letters stay " + bad);
      verdict
          .expect("records", all.size(), offset)
          .expect("astray", 0, astray)
          .expect("dead_letters", bad, letters.size());
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    for (var header : letter.headers()) {
      if (header.key().endsWith(name)) {
        return new String(header.value(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  private static void work(BrokerSetup settings, Set<String> tasks) {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(settings.grpcAddress()).usePlaintext().build();
    try {
      ConsumerServiceBlockingStub broker =
          ConsumerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
      TaskActivation task = broker.getTask(GetTaskRequest.getDefaultInstance()).getTask();
      tasks.add(task.getId());
      var _ =
          broker.setTaskStatus(
              SetTaskStatusRequest.newBuilder()
                  .setId(task.getId())
                  .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                  .build());
    } catch (StatusRuntimeException _) {
      // Nothing due yet: asked again.
    } finally {
      channel.shutdownNow();
    }
  }
}
