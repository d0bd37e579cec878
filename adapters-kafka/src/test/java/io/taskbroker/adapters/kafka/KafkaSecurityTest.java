package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The settings against a Kafka that demands them: encryption, certificates, user and password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaSecurityTest {
  private static final String USER = "bro\"ker";
  private static final String PASSWORD = "p;a=s\\s \"wörd";

  private final int plainPort = FreePorts.any();
  private final int encryptedPort = FreePorts.any();
  private final int mutualPort = FreePorts.any();
  private final int passwordPort = FreePorts.any();

  private PemPair server;
  private PemPair client;
  private PemPair stranger;
  private EmbeddedKafka kafka;
  private KafkaBench bench;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    server = PemPair.write(folder, "server");
    client = PemPair.write(folder, "client");
    stranger = PemPair.write(folder, "stranger");
    NodeSettings node = NodeSettings.on(plainPort, folder.resolve("kafka"));
    kafka = EmbeddedKafka.start(node, listeners(node.controllerPort()));
    bench = new KafkaBench("127.0.0.1:" + plainPort);
  }

  @AfterAll
  void stop() {
    bench.close();
    kafka.close();
  }

  @Test
  void encryption_withTheServersAuthority() {
    worksBothWays("encrypted", encryptedPort, tls(server, null));
  }

  @Test
  void certificatesOfBothSides() {
    worksBothWays("mutual", mutualPort, tls(server, client));
  }

  @Test
  void userAndPassword_overEncryption() {
    worksBothWays("password", passwordPort, password("sasl_ssl", PASSWORD));
  }

  @Test
  void aServerThatIsNotTrusted_isExplained() {
    refuses(encryptedPort, tls(stranger, null), "refuses the connection", "certification path");
  }

  @Test
  void aWrongPassword_isExplained() {
    refuses(
        passwordPort,
        password("sasl_ssl", "guessed"),
        "refuses the connection",
        "Authentication failed");
  }

  private void worksBothWays(String topic, int port, KafkaSecuritySettings security) {
    KafkaClusterSettings cluster =
        new KafkaClusterSettings("secured", "127.0.0.1:" + port, security);
    bench.create(topic, 1);
    KafkaTopicSettings settings = settings(topic, cluster);
    var kafkaSettings =
        new KafkaSettings(
            List.of(settings),
            settings,
            settings,
            "long",
            false,
            1,
            Duration.ofSeconds(10),
            1_000_000);
    try (var publisher = new KafkaPublisher(kafkaSettings);
        var broker = IntakeBench.start(settings)) {
      assertThat(
              publisher.publish(
                  topic, List.of(new OutgoingRecord(new byte[3], Map.of(), "some key"))))
          .singleElement()
          .isInstanceOf(Fate.Acknowledged.class);
      broker.awaitRows(1);
    }
  }

  private void refuses(int port, KafkaSecuritySettings security, String... words) {
    KafkaClusterSettings cluster =
        new KafkaClusterSettings("secured", "127.0.0.1:" + port, security);
    try (var broker = IntakeBench.start(settings("any", cluster))) {
      Eventually.holds("it is explained", () -> !broker.stall().isEmpty());
      assertThat(broker.stall()).contains(words);
      assertThat(broker.stall()).doesNotContain(PASSWORD);
      assertThat(broker.crashes).isEmpty();
    }
  }

  private static KafkaTopicSettings settings(String topic, KafkaClusterSettings cluster) {
    return new KafkaTopicSettings(
        topic,
        cluster,
        topic + "-group",
        Use.CONSUMED,
        Duration.ofSeconds(6),
        Duration.ofSeconds(5),
        OffsetReset.EARLIEST);
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

  private KafkaSecuritySettings password(String protocol, String password) {
    return new KafkaSecuritySettings(
        protocol, "plain", USER, password, server.certificate().toString(), null, null);
  }

  private Map<String, String> listeners(int controllerPort) throws IOException {
    Map<String, String> more = new HashMap<>();
    String clients =
        "PLAINTEXT://127.0.0.1:%d,TLS://127.0.0.1:%d,MUTUAL://127.0.0.1:%d,PASSWORD://127.0.0.1:%d"
            .formatted(plainPort, encryptedPort, mutualPort, passwordPort);
    more.put("listeners", clients + ",CONTROLLER://127.0.0.1:" + controllerPort);
    more.put("advertised.listeners", clients);
    more.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MUTUAL:SSL,PASSWORD:SASL_SSL");
    more.put("ssl.keystore.type", "PEM");
    more.put("ssl.keystore.certificate.chain", text(server.certificate()));
    more.put("ssl.keystore.key", text(server.key()));
    more.put("listener.name.mutual.ssl.client.auth", "required");
    more.put("listener.name.mutual.ssl.truststore.type", "PEM");
    more.put("listener.name.mutual.ssl.truststore.certificates", text(client.certificate()));
    more.put("listener.name.password.sasl.enabled.mechanisms", "PLAIN");
    more.put(
        "listener.name.password.plain.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required %s=%s;"
            .formatted(escaped("user_" + USER), escaped(PASSWORD)));
    return more;
  }

  private static String escaped(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String text(Path pem) throws IOException {
    return Files.readString(pem);
  }
}
