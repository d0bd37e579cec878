package io.taskbroker.proving.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Dead letters are sent again at a rate, and each once: whoever orders it stops in the middle and
 * goes on, and then the broker is killed in the middle.
 */
public final class Requeue implements Scenario {
  private static final int LETTERS = 100_000;
  private static final int RATE = 2_000;
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String TOPIC = "requeue";

  @Override
  public String name() {
    return "requeue";
  }

  @Override
  public String promise() {
    return "%d dead letters at %d a second, stopped and resumed, and with a SIGKILL in the middle: each is sent once"
        .formatted(LETTERS, RATE);
  }

  @Override
  public Verdict play(Stage stage) {
    int letters = stage.some(LETTERS, LETTERS / 10);
    int rate = stage.some(RATE, RATE / 10);
    int port = FreePorts.any();
    BrokerSetup settings =
        BrokerSetup.of(stage.folder(), stage.kafka().address(), TOPIC)
            .with("kafka_auto_offset_reset", "earliest")
            .with("admin.port", port)
            .with("admin.without_token", "operator");
    try (Topics topics = Topics.at(settings.kafka())) {
      topics.create(TOPIC, PARTITIONS);
      topics.create(settings.deadLetterTopic(), PARTITIONS);
      produce(settings, letters);
      stage.say(letters + " dead letters are there");
      try (LetterRun run = new LetterRun(port, PATIENCE)) {
        return play(stage, settings, topics, run, letters, rate);
      }
    }
  }

  private static Verdict play(
      Stage stage, BrokerSetup settings, Topics topics, LetterRun run, int letters, int rate) {
    long fastest;
    try (BrokerProcess broker = BrokerProcess.start(settings)) {
      run.begin(rate);
      run.awaitHandled(letters / 10);
      fastest = run.rateUntil(letters * 3L / 10);
      run.stop();
      stage.say("stopped after " + run.handled());
      run.resume();
      run.awaitHandled(letters * 6L / 10);
      broker.kill();
      stage.say("killed after about " + letters * 6L / 10);
    }
    try (BrokerProcess _ = BrokerProcess.start(settings)) {
      run.awaitKnown();
      run.resume();
      run.awaitDone();
      long open = run.awaitNoneOpen();
      Set<String> ids = new HashSet<>();
      long sent = read(settings, topics, ids);
      return new Verdict()
          .expect("sent", letters, sent)
          .expect("different", letters, ids.size())
          .expect("open", 0, open)
          .atMost("rate", rate + rate / 4, fastest) // up to a second is made up for, in ten
          .show("left_by_the_kill", topics.size(TOPIC) - sent);
    }
  }

  private static void produce(BrokerSetup settings, int letters) {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", settings.kafka(), "linger.ms", 5),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < letters; i++) {
        byte[] task =
            TaskActivation.newBuilder()
                .setId("letter-" + i)
                .setApplication("shop")
                .setNamespace("mail")
                .setTaskname("mail.send")
                .setProcessingDeadlineDuration(30)
                .build()
                .toByteArray();
        var record =
            new ProducerRecord<byte[], byte[]>(
                settings.deadLetterTopic(), i % PARTITIONS, null, task);
        record.headers().add("taskbroker-reason", "it failed".getBytes(UTF_8));
        record.headers().add("taskbroker-source-topic", TOPIC.getBytes(UTF_8));
        var _ = producer.send(record);
      }
    }
  }

  /**
   * Reads as brokers do: without what a killed producer has left behind.
   *
   * @param ids where those of the tasks go
   * @return how many there are
   */
  private static long read(BrokerSetup settings, Topics topics, Set<String> ids) {
    long[] records = {0};
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", settings.kafka(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> all = topics.partitions(TOPIC);
      consumer.assign(all);
      consumer.seekToBeginning(all);
      long end = topics.size(TOPIC);
      Waiting.until(
          "all is read",
          PATIENCE,
          () -> {
            consumer
                .poll(Duration.ofMillis(200))
                .forEach(
                    record -> {
                      records[0]++;
                      ids.add(idOf(record.value()));
                    });
            return all.stream().mapToLong(consumer::position).sum() >= end;
          });
    }
    return records[0];
  }

  private static String idOf(byte[] task) {
    try {
      return TaskActivation.parseFrom(task).getId();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("no task was sent", e);
    }
  }
}
