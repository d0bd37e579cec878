package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.PemPair;
import io.taskbroker.embeddedkafka.SecuredKafka;
import io.taskbroker.embeddedkafka.SecuredKafka.Door;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Users' files against a Kafka that demands encryption, certificates or passwords. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecuredKafkaTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String HEAP = "128m";
  private static final List<String> LIGHT = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final byte[] NO_TASK = {1, 2, 3};

  /** How a cluster is spoken to. The adapter's own test has the other combinations. */
  private enum Way {
    SSL(Door.SSL, "ssl", ""),
    SSL_WITH_BOTH_CERTIFICATES(Door.MUTUAL, "SSL", ""),
    SCRAM_SHA_256(Door.SASL_PLAINTEXT, "sasl_plaintext", "scram-sha-256"),
    SCRAM_SHA_512_OVER_SSL(Door.SASL_SSL, "SASL_SSL", "SCRAM-SHA-512");

    private final Door door;
    private final String protocol;
    private final String mechanism;

    Way(Door door, String protocol, String mechanism) {
      this.door = door;
      this.protocol = protocol;
      this.mechanism = mechanism;
    }

    private String topic() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<Way, BrokerProcess> brokers = new EnumMap<>(Way.class);
  private Path folder;
  private SecuredKafka kafka;

  /** All brokers at once, since each takes its time to start. */
  @BeforeAll
  void start(@TempDir Path folder) {
    this.folder = folder;
    kafka = SecuredKafka.start(folder.resolve("kafka"));
    for (Way way : Way.values()) {
      brokers.put(way, BrokerProcess.launch(settings(way), HEAP, LIGHT));
    }
  }

  @AfterAll
  void stop() {
    brokers.values().forEach(BrokerProcess::close);
    kafka.close();
  }

  /** A record that is no task goes through all of it. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void topicsAreCreated_read_andPublishedTo(Way way) {
    BrokerSetup settings = settings(way);
    try (var topics = Topics.at(kafka.address());
        var tasks = new RawTopic(kafka.address(), settings.topic());
        var deadLetters = new RawTopic(kafka.address(), settings.deadLetterTopic())) {
      topics.awaitNew(settings.topic());
      topics.awaitNew(settings.deadLetterTopic());
      tasks.send(NO_TASK);
      Waiting.until(
          "there is a dead letter, see " + settings.log(),
          PATIENCE,
          () -> topics.size(settings.deadLetterTopic()) == 1);
      assertThat(deadLetters.records().getFirst().value()).isEqualTo(NO_TASK);
    }
    assertThat(settings.errorLines()).singleElement().asString().contains("is no task");
  }

  /** Three clusters that refuse, each for a reason of its own. */
  @Test
  void whatIsRefused_isExplained_andGoesOnOnceItIsMended() throws IOException {
    Path stranger = PemPair.write(folder, "stranger").certificate();
    Path missing = folder.resolve("missing.pem");
    BrokerSetup settings =
        settings("refused", Way.SCRAM_SHA_512_OVER_SSL)
            .with("kafka_clusters.default.sasl_password", "guessed")
            .with("kafka_retry_topic", "refused");
    settings = consuming(settings, "strange", Way.SSL, stranger);
    settings = consuming(settings, "absent", Way.SSL_WITH_BOTH_CERTIFICATES, missing);
    try (BrokerProcess broker = BrokerProcess.launch(settings, HEAP, LIGHT)) {
      broker.awaitLine(
          PATIENCE,
          "reading of topic 'refused' is stalled: Kafka at %s refuses the connection"
              .formatted(kafka.address(Door.SASL_SSL)),
          "Authentication failed",
          "Check security_protocol, sasl_* and ssl_* of cluster 'default'");
      broker.awaitLine(
          PATIENCE,
          "creation of missing topics at %s is stalled: Kafka at %<s refuses the connection"
              .formatted(kafka.address(Door.SASL_SSL)));
      broker.awaitLine(
          PATIENCE,
          "reading of topic 'strange' is stalled",
          "unable to find valid certification path",
          "Check security_protocol, sasl_* and ssl_* of cluster 'strange'");
      broker.awaitLine(
          PATIENCE,
          "reading of topic 'absent' is stalled: ssl_ca_location: " + missing + " does not exist",
          "Correct the settings of cluster 'absent'");

      Files.copy(kafka.server().certificate(), missing);

      broker.awaitLine(PATIENCE, "reading of topic 'absent' goes on");
      assertThat(broker.process().output())
          .doesNotContain(SecuredKafka.PASSWORD)
          .doesNotContain("guessed")
          .doesNotContain("ERROR");
    }
  }

  private BrokerSetup settings(Way way) {
    return settings(way.topic(), way);
  }

  private BrokerSetup settings(String topic, Way way) {
    return speaking(
        BrokerSetup.of(folder.resolve(topic), kafka.address(way.door), topic)
            .with("create_missing_topics", true),
        "default",
        way);
  }

  /** With one more topic, at a cluster of the same name. */
  private BrokerSetup consuming(BrokerSetup settings, String name, Way way, Path authority) {
    String topic = "kafka_topics." + name + ".";
    return speaking(settings, name, way)
        .with("kafka_clusters." + name + ".ssl_ca_location", authority.toString())
        .with(topic + "cluster", name)
        .with(topic + "consumer_group", name);
  }

  private BrokerSetup speaking(BrokerSetup settings, String name, Way way) {
    String cluster = "kafka_clusters." + name + ".";
    BrokerSetup speaking =
        settings
            .with(cluster + "address", kafka.address(way.door))
            .with(cluster + "security_protocol", way.protocol);
    if (!way.mechanism.isEmpty()) {
      speaking =
          speaking
              .with(cluster + "sasl_mechanism", way.mechanism)
              .with(cluster + "sasl_username", SecuredKafka.USER)
              .with(cluster + "sasl_password", SecuredKafka.PASSWORD);
    }
    if (way.door == Door.MUTUAL) {
      speaking =
          speaking
              .with(cluster + "ssl_certificate_location", kafka.client().certificate().toString())
              .with(cluster + "ssl_key_location", kafka.client().key().toString());
    }
    return way.door == Door.SASL_PLAINTEXT
        ? speaking
        : speaking.with(cluster + "ssl_ca_location", kafka.server().certificate().toString());
  }
}
