package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(RunningKafka.class)
class ShutdownTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"INT", "TERM", "HUP"})
  void aSignalStopsTheBrokerInOrder(ProcessSignal signal, Kafka kafka) {
    try (BrokerProcess broker = BrokerProcess.start(settings(kafka))) {
      // Its own limit is 9 s; what has not stopped by then ends with another code.
      assertThat(broker.stop(signal).code()).as(broker.process().output()).isZero();
    }
  }

  @Test
  void aPortThatIsTaken_endsIt_withTheReasonInTheLastLine(Kafka kafka) throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var broker = BrokerProcess.launch(settings(kafka).at(taken.getLocalPort()))) {
      int code = broker.process().awaitExit(PATIENCE);

      assertThat(code).isNotZero();
      assertThat(broker.process().output().lines().toList().getLast())
          .contains(Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aSecondBrokerOnTheSameFile_isRefused_andTheFirstGoesOn(Kafka kafka) {
    BrokerSetup settings = settings(kafka);
    try (BrokerProcess first = BrokerProcess.start(settings);
        BrokerProcess second = BrokerProcess.launch(settings.at(0))) {
      int code = second.process().awaitExit(PATIENCE);

      assertThat(code).isNotZero();
      assertThat(second.process().output())
          .contains(settings.store().toString(), Long.toString(first.process().pid()));
      assertThat(first.stop(ProcessSignal.TERM).code()).isZero();
    }
  }

  @Test
  void aMistakeInTheConfiguration_endsItWithOne(Kafka kafka) {
    var settings = settings(kafka).with("store.max_pending_count", "many");
    try (BrokerProcess broker = BrokerProcess.launch(settings)) {
      assertThat(broker.process().awaitExit(PATIENCE)).isEqualTo(1);
      assertThat(broker.process().output()).contains("store.max_pending_count");
    }
  }

  private BrokerSetup settings(Kafka kafka) {
    var settings = BrokerSetup.of(folder, kafka.address(), "shutdown");
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
    return settings;
  }
}
