package io.taskbroker.workload.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class BrokerSetupTest {
  @Test
  void writesWhatABrokerNeeds_andSettingsByTheirFullKey() {
    BrokerSetup settings =
        BrokerSetup.of(Path.of("/tmp/x"), "127.0.0.1:9092", "tasks")
            .at(50051)
            .with("store.max_pending_count", 15_000)
            .with("upkeep_task_interval_ms", 200);

    Map<String, Object> yaml = new Yaml().load(settings.yaml());

    assertThat(yaml)
        .containsEntry("grpc_port", 50051)
        .containsEntry("kafka_deadletter_topic", "tasks-dlq")
        .containsEntry("upkeep_task_interval_ms", 200)
        .containsEntry("kafka_clusters", Map.of("default", Map.of("address", "127.0.0.1:9092")))
        .containsEntry(
            "store",
            Map.of(
                "max_pending_count", 15_000, "sqlite", Map.of("path", "/tmp/x/inflight.sqlite")));
  }
}
