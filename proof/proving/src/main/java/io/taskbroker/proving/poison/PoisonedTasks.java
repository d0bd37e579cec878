package io.taskbroker.proving.poison;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Bad tasks in front of good ones, for workers that ask and workers that are called: one whose
 * payload is gone, one that cannot be encoded when it has to leave, one too large for its worker's
 * client, and one that ends each worker which gets it.
 */
final class PoisonedTasks {
  static final String GOOD = "good";
  static final String KILLER = "killer";

  private static final String UNREADABLE = "unreadable";
  private static final String UNENCODABLE = "unencodable";
  private static final String LARGE = "large";
  private static final int GOOD_ONES = 100;
  private static final int ATTEMPTS = 3;

  /** Above what the client of a worker takes, which is gRPC's default of 4 MB. */
  private static final int LARGE_BYTES = 5_000_000;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Short, so that leases, and the deadlines of bad tasks, end while somebody waits for them. Good
   * ones have more time, since nobody is to miss it on a busy machine.
   */
  private static final Map<String, Object> SETTINGS =
      Map.of(
          "max_message_size", 8_000_000,
          "store.max_pending_count", 15_000,
          "store.max_processing_attempts", ATTEMPTS,
          "store.processing_deadline_grace_sec", 0,
          "upkeep_deadline_reset_skip_after_startup_sec", 1);

  private static final Map<String, Object> PUSHING =
      Map.of(
          "delivery_mode",
          "push",
          "fetch.batch_length",
          4,
          "push.threads",
          4,
          "push.timeout",
          "2s",
          "push.queue.size",
          4,
          "push.queue.timeout",
          "200ms");

  /** Who begins. */
  enum Mode {
    PULL,
    PUSH
  }

  private final String name;
  private final Mode mode;
  private final boolean atMostOnce;
  private final BrokerSetup settings;
  private final int workerPort = FreePorts.any();

  /** Good tasks that were produced. */
  private int good;

  private PoisonedTasks(Stage stage, Mode mode, boolean atMostOnce) {
    this.name = (mode == Mode.PULL ? "pull" : "push") + (atMostOnce ? "_once" : "");
    this.mode = mode;
    this.atMostOnce = atMostOnce;
    Path folder = stage.in(name).folder();
    BrokerSetup all =
        BrokerSetup.of(folder, stage.kafka().address(), "poison-" + name)
            .with("kafka_auto_offset_reset", "earliest");
    for (var setting : SETTINGS.entrySet()) {
      all = all.with(setting.getKey(), setting.getValue());
    }
    if (mode == Mode.PUSH) {
      for (var setting : PUSHING.entrySet()) {
        all = all.with(setting.getKey(), setting.getValue());
      }
      all = all.with("worker_map.proving", "http://127.0.0.1:" + workerPort);
    }
    this.settings = all;
  }

  static void play(Stage stage, Mode mode, boolean atMostOnce, Verdict verdict) {
    new PoisonedTasks(stage, mode, atMostOnce).play(verdict);
  }

  private void play(Verdict verdict) {
    try (Topics topics = Topics.at(settings.kafka())) {
      Map<String, String> large = Map.of("max.message.bytes", "10000000");
      topics.create(settings.topic(), 1, large);
      topics.create(settings.deadLetterTopic(), 1, large);
      try (BrokerProcess broker = BrokerProcess.start(settings);
          var producer = producer()) {
        produceAll(producer);
        Waiting.untilNothingLeft(
            "all is stored", PATIENCE, () -> topics.lag(settings.group(), settings.topic()));
        broker.stop(ProcessSignal.TERM);
      }
      poison();
      try (BrokerProcess broker = BrokerProcess.start(settings);
          FragileWorkers workers =
              mode == Mode.PULL
                  ? FragileWorkers.asking(settings.grpcAddress())
                  : FragileWorkers.called(workerPort, settings.grpcAddress());
          var producer = producer();
          DeadLetters letters = new DeadLetters()) {
        Set<String> goodLetters = awaitEnds(broker, workers, producer, letters);
        judge(broker, workers, letters, goodLetters, verdict);
      }
    }
  }

  /**
   * Good tasks come all the time: silence counts against a task only if others are taken meanwhile.
   *
   * @return good tasks that have become dead letters
   */
  private Set<String> awaitEnds(
      BrokerProcess broker,
      FragileWorkers workers,
      KafkaProducer<byte[], byte[]> producer,
      DeadLetters letters) {
    Set<String> goodLetters = new HashSet<>();
    Waiting.until(
        "every task has come to its end, see " + settings.log(),
        PATIENCE,
        () -> {
          letters.read(goodLetters);
          boolean badOnesHaveEnded =
              letters.reasons.keySet().containsAll(Set.of(LARGE, KILLER))
                  && broker.lines("is put aside until the next start") > 0
                  && broker.lines("cannot leave for Kafka") > 0;
          if (!badOnesHaveEnded) {
            send(producer, task(GOOD + good++, 100));
          }
          return badOnesHaveEnded && workers.served().size() + goodLetters.size() >= good;
        });
    return goodLetters;
  }

  private void judge(
      BrokerProcess broker,
      FragileWorkers workers,
      DeadLetters letters,
      Set<String> goodLetters,
      Verdict verdict) {
    // Whoever had a task in hand when the killer ended it may have run that one, too.
    long mostBesideTheKiller = atMostOnce && mode == Mode.PUSH ? 8 : 0;
    // A push counts only if others were taken since the last one.
    long mostDeaths = mode == Mode.PUSH ? 2L * ATTEMPTS : ATTEMPTS;
    int exit = broker.stop(ProcessSignal.TERM).code(); // and what it has said of rows is written
    verdict
        .atMost(name + ".good_ended_with_a_worker", mostBesideTheKiller, goodLetters.size())
        .atLeast(name + ".good_served", good - mostBesideTheKiller, workers.served().size())
        .atMost(name + ".once_repeated", 0, atMostOnce ? workers.repeated() : 0)
        .atLeast(name + ".killed", atMostOnce ? 1 : ATTEMPTS, workers.killed())
        .atMost(name + ".killed_most", atMostOnce ? 1 : mostDeaths, workers.killed())
        .show(name + ".large_reason", quoted(letters.reasons.get(LARGE)))
        .show(name + ".killer_reason", quoted(letters.reasons.get(KILLER)))
        .expect(name + ".unreadable_left", 0, letters.reasons.containsKey(UNREADABLE) ? 1 : 0)
        .expect(name + ".parked", 1, parked())
        .expect(name + ".stop", 0, exit);
  }

  private static String quoted(@Nullable String reason) {
    return "\"" + reason + "\"";
  }

  // ---------------------------------------------------------------- tasks

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", settings.kafka(), "max.request.size", 9_000_000),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private void produceAll(KafkaProducer<byte[], byte[]> producer) {
    send(producer, task(UNREADABLE, 10));
    send(producer, task(UNENCODABLE, 10));
    send(producer, task(LARGE, LARGE_BYTES));
    send(producer, task(KILLER, 10));
    while (good < GOOD_ONES) {
      send(producer, task(GOOD + good++, 100));
    }
  }

  private void send(KafkaProducer<byte[], byte[]> producer, TaskActivation task) {
    try {
      producer.send(new ProducerRecord<>(settings.topic(), task.toByteArray())).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while producing", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot produce " + task.getId(), e.getCause());
    }
  }

  private TaskActivation task(String id, int bytes) {
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication("proving")
        .setNamespace("poison")
        .setTaskname(id)
        .setParametersBytes(ByteString.copyFrom(new byte[bytes]))
        .setReceivedAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
        .setProcessingDeadlineDuration(id.startsWith(GOOD) ? 30 : 2)
        .setRetryState(
            RetryState.newBuilder()
                .setMaxAttempts(1)
                .setOnAttemptsExceeded(OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER)
                .setAtMostOnce(atMostOnce))
        .build();
  }

  /** One payload is gone, and one that has to leave as a retry is no activation any more. */
  private void poison() {
    execute("DELETE FROM payload WHERE key = (SELECT key FROM activation WHERE id = 'unreadable')");
    execute(
        "UPDATE payload SET bytes = X'FFFFFF'"
            + " WHERE key = (SELECT key FROM activation WHERE id = 'unencodable')");
    execute(
        "INSERT OR REPLACE INTO progress (key, status, attempts, under_way, last_group, round)"
            + " SELECT key, 4, 0, 0, 0, 0 FROM activation WHERE id = 'unencodable'");
  }

  private void execute(String sql) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + settings.store());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot execute " + sql, e);
    }
  }

  private long parked() {
    String sql =
        "SELECT count(*) FROM activation JOIN progress USING (key)"
            + " WHERE parked IS NOT NULL AND id = 'unencodable'";
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + settings.store());
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException("cannot look at what is parked", e);
    }
  }

  // ---------------------------------------------------------------- dead letters

  /** Reads the dead-letter topic, and keeps each one's reason. */
  private final class DeadLetters implements AutoCloseable {
    final Map<String, String> reasons = new TreeMap<>();
    private final KafkaConsumer<byte[], byte[]> consumer;

    DeadLetters() {
      consumer =
          new KafkaConsumer<>(
              Map.of("bootstrap.servers", settings.kafka(), "enable.auto.commit", false),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
      var partition = new TopicPartition(settings.deadLetterTopic(), 0);
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
    }

    /**
     * @param good told the good ones among them
     */
    void read(Set<String> good) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        String id = idOf(record.value());
        var reason = record.headers().lastHeader("taskbroker-reason");
        reasons.put(id, reason == null ? "" : new String(reason.value(), UTF_8));
        if (id.startsWith(GOOD)) {
          good.add(id);
        }
      }
      if (reasons.containsValue("")) {
        throw new IllegalStateException("a dead letter does not say why it is there: " + reasons);
      }
    }

    private static String idOf(byte[] value) {
      try {
        return TaskActivation.parseFrom(value).getId();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("a dead letter that is no activation", e);
      }
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
