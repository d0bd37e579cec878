package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Delivery;
import io.taskbroker.embeddedkafka.PemPair;
import io.taskbroker.embeddedkafka.SecuredKafka;
import io.taskbroker.embeddedkafka.SecuredKafka.Door;
import io.taskbroker.testkit.log.CapturedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings against a Kafka that demands them: encryption, certificates, user and password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaSecurityTest {
  private SecuredKafka kafka;
  private PemPair stranger;

  @BeforeAll
  void start(@TempDir Path folder) {
    kafka = SecuredKafka.start(folder.resolve("kafka"));
    stranger = PemPair.write(folder, "stranger");
  }

  @AfterAll
  void stop() {
    kafka.close();
  }

  @Test
  void encryption_withTheServersAuthority() {
    worksInEveryWay("encrypted", Door.SSL, tls(kafka.server(), null));
  }

  @Test
  void certificatesOfBothSides() {
    worksInEveryWay("mutual", Door.MUTUAL, tls(kafka.server(), kafka.client()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "SCRAM-SHA-256", "scram-sha-512"})
  void userAndPassword(String mechanism) {
    worksInEveryWay(
        mechanism,
        Door.SASL_PLAINTEXT,
        password("sasl_plaintext", mechanism, SecuredKafka.PASSWORD));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "SCRAM-SHA-256", "scram-sha-512"})
  void userAndPassword_overEncryption(String mechanism) {
    worksInEveryWay(
        mechanism + "-encrypted",
        Door.SASL_SSL,
        password("sasl_ssl", mechanism, SecuredKafka.PASSWORD));
  }

  @Test
  void aServerThatIsNotTrusted_isExplained() {
    refuses(Door.SSL, tls(stranger, null), "refuses the connection", "certification path");
  }

  @Test
  void aClientThatIsNotTrusted_isExplained() {
    refuses(Door.MUTUAL, tls(kafka.server(), stranger), "refuses the connection");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "SCRAM-SHA-256", "scram-sha-512"})
  void aWrongPassword_isExplained(String mechanism) {
    refuses(
        Door.SASL_SSL,
        password("sasl_ssl", mechanism, "guessed"),
        "refuses the connection",
        "Authentication failed");
  }

  @Test
  void aMissingFile_isExplained() {
    refuses(
        Door.SSL,
        new KafkaSecuritySettings("ssl", null, null, null, "/no/such/ca.pem", null, null),
        "ssl_ca_location: /no/such/ca.pem does not exist");
  }

  @Test
  void plainText_whereMoreIsWanted_isExplained() {
    var settings = settings("any", cluster(Door.SASL_SSL, KafkaSecuritySettings.NONE));
    try (var log = new CapturedLog("taskbroker::stalls");
        var _ = IntakeBench.start(settings)) {
      Eventually.holds("intake says so", () -> !log.lines().isEmpty());
      assertThat(log.lines().getFirst()).contains("does not answer", "security_protocol");
    }
  }

  /** Its topic is created, written to and read. */
  private void worksInEveryWay(String topic, Door door, KafkaSecuritySettings security) {
    KafkaTopicSettings settings = settings(topic, cluster(door, security));
    List<String> refusals = new CopyOnWriteArrayList<>();
    var stalls = new Stalls(IntakeBench.TIME);
    try (var bench = new KafkaBench(kafka.address());
        var _ = KafkaTopics.createMissing(kafkaSettings(settings), stalls, refusals::add);
        var publisher =
            new KafkaPublisher(kafkaSettings(settings), new HostClock(IntakeBench.TIME))) {
      Eventually.holds("it is created", () -> bench.exist(topic));
      bench.awaitPartitions(topic, 1);
      Eventually.holds(
          "it is written to", () -> publish(publisher, topic) instanceof Fate.Acknowledged);
      try (var broker = IntakeBench.start(settings)) {
        broker.awaitRows(1);
        Eventually.holds("nothing stalls", () -> broker.stall().isEmpty());
      }
      Eventually.holds("creation does not stall", () -> stalls.current().isEmpty());
    }
    assertThat(refusals).isEmpty();
  }

  /** Reading, writing and creating say the same. */
  private void refuses(Door door, KafkaSecuritySettings security, String... words) {
    KafkaTopicSettings settings = settings("any", cluster(door, security));
    List<String> refusals = new CopyOnWriteArrayList<>();
    var stalls = new Stalls(IntakeBench.TIME);
    try (var broker = IntakeBench.start(settings);
        var publisher =
            new KafkaPublisher(kafkaSettings(settings), new HostClock(IntakeBench.TIME));
        var _ = KafkaTopics.createMissing(kafkaSettings(settings), stalls, refusals::add)) {
      // On a busy machine Kafka may be too slow at first even to refuse.
      Eventually.holds(
          "publishing says so",
          () ->
              publish(publisher, "any") instanceof Fate.NotNow(String reason, String _)
                  && hasAll(reason, words));
      Eventually.holds("intake says so", () -> hasAll(broker.stall(), words));
      Eventually.holds(
          "creation says so", () -> hasAll(String.join("; ", stalls.current().values()), words));
      assertThat(broker.stall()).doesNotContain(SecuredKafka.PASSWORD);
      assertThat(broker.crashes).isEmpty();
    }
    assertThat(refusals).isEmpty();
  }

  private static boolean hasAll(String text, String... words) {
    return Stream.of(words).allMatch(text::contains);
  }

  private static Fate publish(KafkaPublisher publisher, String topic) {
    return publisher
        .publish(
            topic,
            List.of(new OutgoingRecord(new byte[3], Map.of(), "some key", Delivery.AT_LEAST_ONCE)))
        .getFirst();
  }

  private KafkaClusterSettings cluster(Door door, KafkaSecuritySettings security) {
    return new KafkaClusterSettings("secured", kafka.address(door), security);
  }

  private static KafkaSettings kafkaSettings(KafkaTopicSettings topic) {
    return new KafkaSettings(
        List.of(topic), topic, topic, "long", true, 1, Duration.ofSeconds(10), 1_000_000);
  }

  private static KafkaTopicSettings settings(String topic, KafkaClusterSettings cluster) {
    return TopicSettings.of(topic, cluster, Use.CONSUMED);
  }

  private static KafkaSecuritySettings tls(PemPair trusted, @Nullable PemPair own) {
    return new KafkaSecuritySettings(
        "ssl",
        null,
        null,
        null,
        trusted.certificate().toString(),
        own == null ? null : own.certificate().toString(),
        own == null ? null : own.key().toString());
  }

  private KafkaSecuritySettings password(String protocol, String mechanism, String password) {
    return new KafkaSecuritySettings(
        protocol,
        mechanism,
        SecuredKafka.USER,
        password,
        kafka.server().certificate().toString(),
        null,
        null);
  }
}
