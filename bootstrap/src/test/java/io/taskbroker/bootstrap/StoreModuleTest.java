package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.protobuf.CanaryTasks;
import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.settings.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreModuleTest {
  private static final String RAW_TOPIC =
      """
      raw_mode: true
      raw_application: sentry
      raw_namespace: events
      raw_taskname: take
      kafka_topic: events
      kafka_retry_topic: tasks
      """;

  @TempDir private Path folder;

  @Test
  void whatIsImportedFromABrokerOfARawTopic_isATaskAlready() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), RAW_TOPIC);
    NewActivation task = CanaryTasks.make("sentry", 0, 1_000);
    var row = new SourceRecord(new Partition("events", 0), 0, -1, task.payload(), List.of());

    ImportSettings importing =
        StoreModule.importing(Configuration.load(file, folder, Map.of()).settings());

    assertThat(importing.topic()).isEqualTo("events");
    assertThat(importing.decoder().decode(row, 1_000))
        .isInstanceOfSatisfying(
            Decoded.Task.class,
            read -> assertThat(read.activation().id()).isEqualTo(task.activation().id()));
  }
}
