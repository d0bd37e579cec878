package com.example.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A whole broker in the JVM of a test, over topics and a store in memory. */
class BrokerInThreeLinesTest {
  @Test
  void aTask_goesFromItsTopicToAWorker() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.produce(Activations.pending("a"));
      assertThat(broker.report(broker.take(), Conclusion.COMPLETE)).isTrue();
    }
  }

  @Test
  void time_passesWhenTheTestSaysSo() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.produce(Activations.delayed("later", SettableTime.START.wallMs() + 60_000));
      broker.await("it to be stored", () -> broker.lastPass().depths().delayed() == 1);
      assertThat(broker.next()).isEmpty();

      broker.time().advance(Duration.ofSeconds(61));

      assertThat(broker.take().claim().activation().id()).isEqualTo("later");
    }
  }
}
