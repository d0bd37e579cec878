package io.taskbroker.workload.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivationProducerTest {
  private static final TaskKind KIND =
      TaskKind.quick("later")
          .delayed(Duration.ofSeconds(7))
          .expiring(Duration.ofSeconds(90))
          .within(Duration.ofSeconds(5))
          .retrying(2)
          .ending(Ending.DEAD_LETTER);

  @TempDir Path folder;

  @Test
  void whatIsProducedIsReadBack_andKnownToTheLedger() {
    Ledger ledger = new Ledger();
    List<TaskActivation> seen = new CopyOnWriteArrayList<>();
    try (var kafka = EmbeddedKafka.start(NodeSettings.in(folder.resolve("kafka")));
        var topics = Topics.at(kafka.address())) {
      topics.create("tasks", 2);
      var target = new ActivationProducer.Target(kafka.address(), "tasks", "demo");
      try (var reader = TopicReader.start(kafka.address(), "tasks", seen::add);
          var producer = new ActivationProducer(target, 100, ledger)) {
        producer.produce(KIND, 1_000);
        producer.flush();
        reader.catchUp(Duration.ofMinutes(2));
      }
    }

    assertThat(ledger.unfinished()).isEqualTo(1_000);
    assertThat(seen).extracting(TaskActivation::getId).hasSize(1_000).doesNotHaveDuplicates();
    assertThat(seen).extracting(Label::of).doesNotContainNull().doesNotHaveDuplicates();
    TaskActivation some = seen.getFirst();
    assertThat(some.getApplication()).isEqualTo("demo");
    assertThat(some.getTaskname()).isEqualTo("later");
    assertThat(some.getDelay()).isEqualTo(7);
    assertThat(some.getExpires()).isEqualTo(90);
    assertThat(some.getProcessingDeadlineDuration()).isEqualTo(5);
    assertThat(some.getParametersBytes().size()).isEqualTo(100);
    assertThat(some.getRetryState().getMaxAttempts()).isEqualTo(3);
    assertThat(some.getRetryState().getOnAttemptsExceeded())
        .isEqualTo(OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER);
  }
}
