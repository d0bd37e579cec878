package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.upkeep.Publisher.Fate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplicaCheckTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  @Test
  void theEnd_cutsAQuestionShort() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      KafkaClusterSettings cluster = KafkaBench.cluster("127.0.0.1:" + silent.getLocalPort());
      var check = new ReplicaCheck(cluster, new PublishFailures(cluster), FOR_EVER);
      CompletableFuture<Optional<Fate>> answer = new CompletableFuture<>();
      Thread.ofPlatform().name("asks").start(() -> answer.complete(check.obstacle("tasks")));
      try (Socket _ = silent.accept()) { // the question is on its way
        check.close();

        assertThat(answer.join()).containsInstanceOf(Fate.NotNow.class);
        assertThat(check.obstacle("tasks")).containsInstanceOf(Fate.NotNow.class);
      }
    }
  }
}
