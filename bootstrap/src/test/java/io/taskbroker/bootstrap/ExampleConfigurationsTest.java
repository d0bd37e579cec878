package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.RulesReader;
import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What we give people to begin with is right. */
class ExampleConfigurationsTest {
  private static final Path FOLDER = Path.of("../deploy/config");
  private static final Path RULES = FOLDER.resolve("rules.yml");

  /** A variable as the comment at the top of a file names it. */
  private static final Pattern VARIABLE =
      Pattern.compile("#\\s+(TASKBROKER_[A-Z_]+)='([^']+)'", Pattern.MULTILINE);

  private static final Pattern YAML_OF_A_DOCUMENT =
      Pattern.compile("```yaml\\n(# config\\.yml\\n.*?)```", Pattern.DOTALL);

  /** What a file may name in the image, and a variable here names instead. */
  private static final Map<String, String> TLS_FILES = new HashMap<>();

  @TempDir private static Path certificates;
  @TempDir private Path folder;

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(certificates, "ca");
    Authority.Pair broker = authority.sign("broker");
    TLS_FILES.put("TASKBROKER_GRPC_TLS_CERTIFICATE", broker.certificate().toString());
    TLS_FILES.put("TASKBROKER_GRPC_TLS_KEY", broker.key().toString());
    TLS_FILES.put("TASKBROKER_GRPC_TLS_CLIENT_CA", authority.certificate().toString());
  }

  static Stream<Path> configurations() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> !file.equals(RULES)).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void nothingIsToBeSaidAboutThem(Path file) throws IOException {
    BrokerConfig config = CheckedConfig.read(file, named(file));

    assertThat(config.grpc().port()).isEqualTo(50051);
    assertThat(config.monitoring())
        .hasValueSatisfying(http -> assertThat(http.port()).isEqualTo(8080));
    assertThat(config.postgres().isPresent()).isEqualTo(file.endsWith("postgres.yml"));
    if (config.postgres().isEmpty()) {
      assertThat(config.sqlite().file()).isEqualTo(Path.of("/var/lib/taskbroker/inflight.sqlite"));
    }
  }

  @Test
  void eachShowsWhatItIsNamedFor() throws IOException {
    assertThat(read("pull.yml").push()).isEmpty();
    assertThat(read("push.yml").push()).isPresent();
    assertThat(read("postgres.yml").postgres())
        .hasValueSatisfying(
            postgres -> assertThat(postgres.worker().password()).isNotEqualTo("password"));
    assertThat(read("raw.yml").rawTopics()).containsOnlyKeys("clicks");
    BrokerConfig secured = read("secured.yml");
    assertThat(secured.kafka().consumableTopics())
        .hasSize(4)
        .extracting(KafkaTopicSettings::cluster)
        .extracting(cluster -> cluster.security().protocol())
        .containsOnly("SASL_SSL", "SSL");
    assertThat(secured.grpc().sharedSecrets()).hasSize(2);
    assertThat(secured.grpc().tls())
        .hasValueSatisfying(tls -> assertThat(tls.admitsOnlyCertified()).isTrue());
    assertThat(secured.admin())
        .hasValueSatisfying(admin -> assertThat(admin.tls()).isPresent())
        .hasValueSatisfying(admin -> assertThat(admin.tokens()).isNotEmpty());
  }

  @Test
  void theRulesCanBeUsed() throws IOException {
    assertThat(RulesReader.read(RULES, ByteBuffer.wrap(Files.readAllBytes(RULES))).killSwitch())
        .isNotNull();
  }

  @Test
  void theFirstOneOfTheReadmeIsRight() throws IOException {
    Matcher yaml = YAML_OF_A_DOCUMENT.matcher(Files.readString(Path.of("../README.md")));
    assertThat(yaml.find()).isTrue();

    CheckedConfig.read(Files.writeString(folder.resolve("config.yml"), yaml.group(1)), Map.of());
  }

  private static BrokerConfig read(String name) throws IOException {
    Path file = FOLDER.resolve(name);
    return CheckedConfig.read(file, named(file));
  }

  private static Map<String, String> named(Path file) throws IOException {
    String text = Files.readString(file);
    Map<String, String> variables = new HashMap<>();
    if (text.contains("grpc_tls_certificate:")) {
      variables.putAll(TLS_FILES);
    }
    VARIABLE
        .matcher(text)
        .results()
        .forEach(variable -> variables.put(variable.group(1), variable.group(2)));
    return variables;
  }
}
