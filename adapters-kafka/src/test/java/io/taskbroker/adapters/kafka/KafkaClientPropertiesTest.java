package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.embeddedkafka.PemPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaClientPropertiesTest {
  private static final KafkaTopicSettings TOPIC =
      KafkaBench.consumed("tasks", KafkaBench.cluster("kafka"));

  @TempDir Path folder;

  @Test
  void theConsumer_isAsTheGroupExpectsIt() {
    assertThat(KafkaClientProperties.consumer(TOPIC, IntakeBench.LIMITS))
        .containsEntry("bootstrap.servers", List.of("kafka:9092"))
        .containsEntry("group.id", "tasks-group")
        .containsEntry("session.timeout.ms", 18_000)
        .containsEntry("heartbeat.interval.ms", 6_000)
        .containsEntry("enable.auto.commit", false)
        .containsEntry("allow.auto.create.topics", false)
        .containsEntry("auto.offset.reset", "none")
        .containsEntry(
            "partition.assignment.strategy",
            List.of(
                "org.apache.kafka.clients.consumer.RangeAssignor",
                "org.apache.kafka.clients.consumer.RoundRobinAssignor"))
        .doesNotContainKeys("security.protocol", "sasl.mechanism", "ssl.truststore.type");
  }

  @Test
  void theProducer_losesNothing_andIsBounded() {
    var kafka =
        new KafkaSettings(
            List.of(TOPIC), TOPIC, TOPIC, "long", false, 1, Duration.ofMillis(700), 50_000_000);

    Map<String, Object> properties =
        KafkaClientProperties.producer(TOPIC.cluster(), kafka, Duration.ofSeconds(15));

    assertThat(properties)
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", true)
        .containsEntry("max.request.size", 50_000_000)
        .containsEntry("buffer.memory", 100_000_000L)
        .containsEntry("max.block.ms", 700L)
        .containsEntry("delivery.timeout.ms", 15_000);
    new KafkaProducer<byte[], byte[]>(onLoopback(properties)).close();
  }

  @Test
  void namesAndPasswords_reachTheLoginModuleAsTheyAre() {
    for (String password :
        List.of(
            "simple", "qu\"ote", "back\\slash", "a;b=c", "tab\tümlaut", "\\n", "line\nbreak", "")) {
      var security =
          new KafkaSecuritySettings(
              "SASL_PLAINTEXT", "plain", "us\"er\\", password, null, null, null);
      Map<String, Object> properties =
          KafkaClientProperties.consumer(secured(security), IntakeBench.LIMITS);

      var jaas =
          JaasContext.loadClientContext(
              Map.of(
                  "sasl.mechanism",
                  "PLAIN",
                  "sasl.jaas.config",
                  new Password((String) properties.get("sasl.jaas.config"))));

      assertThat(jaas.configurationEntries()).hasSize(1);
      assertThat(jaas.configurationEntries().getFirst().getOptions())
          .as(password)
          .isEqualTo(Map.of("username", "us\"er\\", "password", password));
    }
  }

  @Test
  void eachMechanism_hasItsLoginModule() {
    var plain = new KafkaSecuritySettings("sasl_ssl", "plain", "user", "word", null, null, null);
    var scram =
        new KafkaSecuritySettings("sasl_ssl", "Scram-Sha-512", "user", "word", null, null, null);

    assertThat(KafkaClientProperties.consumer(secured(plain), IntakeBench.LIMITS))
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "PLAIN")
        .hasEntrySatisfying(
            "sasl.jaas.config", value -> assertThat((String) value).contains("PlainLoginModule"));
    assertThat(KafkaClientProperties.consumer(secured(scram), IntakeBench.LIMITS))
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .hasEntrySatisfying(
            "sasl.jaas.config", value -> assertThat((String) value).contains("ScramLoginModule"));
  }

  @Test
  void pemFiles_becomeStoresThatTheClientsAccept() throws Exception {
    PemPair client = PemPair.write(folder, "client");
    var security =
        new KafkaSecuritySettings(
            "ssl",
            null,
            null,
            null,
            client.certificate().toString(),
            client.certificate().toString(),
            client.key().toString());
    KafkaTopicSettings topic = secured(security);

    // The clients read their stores when they are made.
    new KafkaConsumer<byte[], byte[]>(
            onLoopback(KafkaClientProperties.consumer(topic, IntakeBench.LIMITS)))
        .close();
    Admin.create(onLoopback(KafkaClientProperties.admin(topic.cluster(), Duration.ofSeconds(1))))
        .close(Duration.ZERO);
  }

  @Test
  void aWrongPemFile_isNamedWithItsKey_andTheRemedy() throws IOException {
    Path certificate = Files.writeString(folder.resolve("no-cert.pem"), "-----BEGIN NOTHING-----");
    Path rsa = Files.writeString(folder.resolve("rsa.key"), "-----BEGIN RSA PRIVATE KEY-----");
    Path locked =
        Files.writeString(folder.resolve("locked.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----");
    Path good = Files.writeString(folder.resolve("cert.pem"), "-----BEGIN CERTIFICATE-----");

    assertRefused(tls(certificate, null, null), "ssl_ca_location", "no-cert.pem", "certificate");
    assertRefused(tls(null, certificate, rsa), "ssl_certificate_location", "no-cert.pem");
    assertRefused(tls(null, good, rsa), "ssl_key_location", "rsa.key", "openssl pkcs8");
    assertRefused(tls(null, good, locked), "ssl_key_location", "locked.key", "passphrase");
    assertRefused(
        tls(null, good, folder.resolve("gone")), "ssl_key_location", "gone", "does not exist");
    assertRefused(tls(null, good, folder), "ssl_key_location", "cannot be read");
  }

  @Test
  void filesAreLeftAlone_whereNothingIsEncrypted() {
    var security =
        new KafkaSecuritySettings("plaintext", null, null, null, "/no/such/file", null, null);

    assertThat(KafkaClientProperties.consumer(secured(security), IntakeBench.LIMITS))
        .containsEntry("security.protocol", "PLAINTEXT")
        .doesNotContainKey("ssl.truststore.type");
  }

  private static void assertRefused(KafkaSecuritySettings security, String... parts) {
    assertThatThrownBy(() -> KafkaClientProperties.consumer(secured(security), IntakeBench.LIMITS))
        .satisfies(refusal -> assertThat(refusal.getMessage()).contains(parts));
  }

  private static KafkaSecuritySettings tls(
      @Nullable Path ca, @Nullable Path certificate, @Nullable Path key) {
    return new KafkaSecuritySettings(
        "ssl", null, null, null, text(ca), text(certificate), text(key));
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }

  private static KafkaTopicSettings secured(KafkaSecuritySettings security) {
    return TopicSettings.of(
        "tasks", new KafkaClusterSettings("default", "kafka", security), Use.CONSUMED);
  }

  /** Nothing is connected to; but a client wants to resolve its hosts. */
  private static Map<String, Object> onLoopback(Map<String, Object> properties) {
    properties.put("bootstrap.servers", List.of("127.0.0.1:9"));
    return properties;
  }
}
