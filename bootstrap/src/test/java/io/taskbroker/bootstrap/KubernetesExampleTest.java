package io.taskbroker.bootstrap;

import static io.taskbroker.bootstrap.Manifests.at;
import static io.taskbroker.bootstrap.Manifests.list;
import static io.taskbroker.bootstrap.Manifests.named;
import static io.taskbroker.bootstrap.Manifests.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import io.taskbroker.settings.RulesReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the example agree with each other and with the broker. */
class KubernetesExampleTest {
  private static final Path FOLDER = Path.of("../deploy/kubernetes");

  @TempDir private Path folder;
  private Manifests manifests = new Manifests(List.of());
  private Object pod = Map.of();
  private Object container = Map.of();

  @BeforeEach
  void read() throws IOException {
    manifests = Manifests.read(FOLDER.resolve("taskbroker.yml"), FOLDER.resolve("secret.yml"));
    pod = at(manifests.find("StatefulSet", "taskbroker"), "spec", "template", "spec");
    container = named(list(pod, "containers"), "taskbroker");
  }

  @Test
  void theConfigurationIsRight() throws IOException {
    assertThat(config().grpc().sharedSecrets()).hasSize(1);
  }

  @Test
  void theSecretOfTheExampleStartsNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("empty.yml"), "{}");
    var variables = Map.of("TASKBROKER_GRPC_SHARED_SECRET", "[\"change-me\"]");

    assertThat(Configuration.load(file, folder, variables).problems())
        .singleElement()
        .asString()
        .contains("TASKBROKER_GRPC_SHARED_SECRET", "'change-me'", "openssl rand");
  }

  @Test
  void everybodyMeansTheSamePorts() throws IOException {
    BrokerConfig config = config();
    String grpc = String.valueOf(config.grpc().port());
    String http = String.valueOf(config.monitoring().orElseThrow().port());
    List<?> exposed = list(container, "ports");
    List<?> served = list(manifests.find("Service", "taskbroker"), "spec", "ports");

    assertThat(text(named(exposed, "grpc"), "containerPort")).isEqualTo(grpc);
    assertThat(text(named(exposed, "http"), "containerPort")).isEqualTo(http);
    assertThat(text(named(served, "grpc"), "port")).isEqualTo(grpc);
    assertThat(text(named(served, "http"), "port")).isEqualTo(http);
    assertThat(text(named(served, "grpc"), "targetPort")).isEqualTo("grpc");
    assertThat(text(named(served, "http"), "targetPort")).isEqualTo("http");
    assertThat(text(template(), "metadata", "annotations", "prometheus.io/port")).isEqualTo(http);
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(text(container, probe, "httpGet", "port")).as(probe).isEqualTo("http");
    }
  }

  @Test
  void theProbesAskForWhatTheyAreThereFor() {
    assertThat(text(container, "startupProbe", "httpGet", "path")).isEqualTo("/livez");
    assertThat(text(container, "livenessProbe", "httpGet", "path")).isEqualTo("/livez");
    assertThat(text(container, "readinessProbe", "httpGet", "path")).isEqualTo("/readyz");
  }

  @Test
  void theBrokerMayStopInItsOwnTime() {
    assertThat(Duration.ofSeconds(Long.parseLong(text(pod, "terminationGracePeriodSeconds"))))
        .isGreaterThan(Shutdown.PATIENCE);
  }

  @Test
  void everyPathLiesInWhatIsMounted() throws IOException {
    BrokerConfig config = config();

    assertThat(list(container, "args").getLast()).isEqualTo(mount("config") + "/taskbroker.yml");
    assertThat(config.rulesFile()).contains(Path.of(mount("rules"), "rules.yml"));
    assertThat(config.sqlite().file().getParent()).isEqualTo(Path.of(mount("store")));
    assertThat(mount("tmp")).isEqualTo("/tmp"); // java.io.tmpdir; all else is read-only
    assertThat(list(manifests.find("StatefulSet", "taskbroker"), "spec", "volumeClaimTemplates"))
        .singleElement()
        .satisfies(claim -> assertThat(text(claim, "metadata", "name")).isEqualTo("store"));
  }

  @Test
  void theRulesCanBeUsed() {
    String rules = text(manifests.find("ConfigMap", "taskbroker-rules"), "data", "rules.yml");

    assertThat(
            RulesReader.read(
                    Path.of("rules.yml"), ByteBuffer.wrap(rules.getBytes(StandardCharsets.UTF_8)))
                .killSwitch())
        .isNotNull();
  }

  @Test
  void thePodsAreFoundByTheirLabels() {
    Object labels = at(template(), "metadata", "labels");
    Object set = manifests.find("StatefulSet", "taskbroker");

    assertThat(at(set, "spec", "selector", "matchLabels")).isEqualTo(labels);
    assertThat(at(manifests.find("Service", "taskbroker"), "spec", "selector")).isEqualTo(labels);
    assertThat(
            at(
                manifests.find("PodDisruptionBudget", "taskbroker"),
                "spec",
                "selector",
                "matchLabels"))
        .isEqualTo(labels);
    assertThat(text(set, "spec", "serviceName")).isEqualTo("taskbroker");
  }

  @Test
  void nothingOfKubernetesIsTakenForASetting() {
    assertThat(at(pod, "enableServiceLinks")).isEqualTo(false);
  }

  private BrokerConfig config() throws IOException {
    String written = text(manifests.find("ConfigMap", "taskbroker"), "data", "taskbroker.yml");
    Path file = Files.writeString(folder.resolve("taskbroker.yml"), written);
    return CheckedConfig.read(file, environment());
  }

  /** As Kubernetes would make it. */
  private Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    for (Object variable : list(container, "env")) {
      String value =
          variable instanceof Map<?, ?> map && map.containsKey("value")
              ? text(variable, "value")
              : secret(at(variable, "valueFrom", "secretKeyRef"));
      variables.put(text(variable, "name"), value);
    }
    return variables;
  }

  /** With a secret of one's own, as the comment in the file asks for. */
  private String secret(Object reference) {
    return secretOfTheExample(reference).replace("change-me", "one of our own");
  }

  private String secretOfTheExample(Object reference) {
    Object secret = manifests.find("Secret", text(reference, "name"));
    return text(secret, "stringData", text(reference, "key"));
  }

  private Object template() {
    return at(manifests.find("StatefulSet", "taskbroker"), "spec", "template");
  }

  private String mount(String volume) {
    return text(named(list(container, "volumeMounts"), volume), "mountPath");
  }
}
