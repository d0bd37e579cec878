package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.StoreWindow.Position;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tasks of the broker's own, in a broker that nobody sends any. */
@ExtendWith(RunningKafka.class)
class CanaryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void eachApplicationGetsItsCanaries(Kafka kafka) {
    BrokerSetup settings =
        settings(kafka)
            .with("canary_tasks", 3)
            .with("store.insert_batch_max_length", 2)
            .with("worker_map.shop", "http://127.0.0.1:1")
            .with("worker_map.bank", "http://127.0.0.1:1");
    try (BrokerProcess broker = BrokerProcess.start(settings);
        StoreWindow view = StoreWindow.open(settings.store());
        TaskFetch fetch = TaskFetch.at(settings.grpcAddress())) {
      assertThat(view.positions())
          .containsExactlyInAnyOrder(
              new Position(0, 0),
              new Position(0, 1),
              new Position(0, 2),
              new Position(0, 0),
              new Position(0, 1),
              new Position(0, 2));
      for (String application : new String[] {"bank", "shop"}) {
        for (int i = 0; i < 3; i++) {
          TaskActivation task = fetch.await(of(application), PATIENCE);
          assertThat(task)
              .returns("internal", TaskActivation::getNamespace)
              .returns("canary_task", TaskActivation::getTaskname);
          fetch.complete(task.getId());
        }
      }
      assertThat(view.count()).isZero();
      assertThat(broker.process().output())
          .contains("Canary tasks are stored for [bank, shop] count=6");
      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
    }
  }

  /** With settings under which the reference would keep both for ten minutes. */
  @Test
  void batchedStatusUpdates_areWrittenAtOnce_andTheNextTaskIsFetched(Kafka kafka) {
    BrokerSetup settings =
        settings(kafka)
            .with("canary_tasks", 2)
            .with("batch_status_updates", true)
            .with("status_update_batch_size", 1_000)
            .with("status_update_interval_ms", 600_000);
    try (var _ = BrokerProcess.start(settings);
        StoreWindow view = StoreWindow.open(settings.store());
        TaskFetch fetch = TaskFetch.at(settings.grpcAddress())) {
      TaskActivation first = fetch.await(of("sentry"), PATIENCE);

      TaskActivation next = fetch.completeAndFetch(first.getId(), "sentry").orElseThrow();

      assertThat(view.count()).isEqualTo(1);
      assertThat(fetch.completeAndFetch(next.getId(), "sentry")).isEmpty();
      assertThat(view.count()).isZero();
    }
  }

  private static GetTaskRequest of(String application) {
    return GetTaskRequest.newBuilder().setApplication(application).build();
  }

  private BrokerSetup settings(Kafka kafka) {
    BrokerSetup settings = BrokerSetup.of(folder, kafka.address(), "canaries");
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
    return settings;
  }
}
