package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.KafkaProxy;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Intake is stopped while its Kafka does not answer. */
@ExtendWith(SharedKafka.class)
class KafkaStopTest {
  private static final String TOPIC = "stopped";

  private final KafkaBench kafka;
  private final KafkaProxy proxy;

  KafkaStopTest(KafkaBench kafka, KafkaProxy proxy) {
    this.kafka = kafka;
    this.proxy = proxy;
  }

  @AfterEach
  void answer() {
    proxy.showTopics();
  }

  /** Kafka's client waits for that answer without an end. */
  @Test
  void whoLeadsTheGroup_andIsNotToldOfItsTopic_stopsNevertheless() {
    kafka.create(TOPIC, 2);
    kafka.produce(TOPIC, 2, 10);
    var leader = IntakeBench.start(KafkaBench.consumed(TOPIC, KafkaBench.cluster(proxy.address())));
    leader.awaitRows(20);
    proxy.hideTopics();
    try (var _ = IntakeBench.start(kafka.consumed(TOPIC))) { // a member more: the group begins anew
      Eventually.holds("the leader waits for its topic", KafkaStopTest::isWaiting);

      var stop = CompletableFuture.runAsync(leader::close);

      Eventually.holds("it has stopped", stop::isDone);
      assertThat(stop).isCompleted();
    }
  }

  private static boolean isWaiting() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().equals("intake-" + TOPIC))
        .flatMap(thread -> Arrays.stream(thread.getValue()))
        .anyMatch(frame -> frame.getMethodName().equals("ensureFreshMetadata"));
  }
}
