package io.taskbroker.benchmarks.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlowLinkTest {
  private static final Duration DELAY = Duration.ofMillis(40);

  @Test
  void answersComeLater_byTheDelayOnce_howeverManyAreUnderWay() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SlowLink link = SlowLink.to(server.getLocalPort(), DELAY);
        var client = new Socket(InetAddress.getLoopbackAddress(), link.port());
        Socket served = server.accept()) {
      long start = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        client.getOutputStream().write(i);
        served.getOutputStream().write(served.getInputStream().read() + 100);
      }
      for (int i = 0; i < 10; i++) {
        assertThat(client.getInputStream().read()).isEqualTo(100 + i);
      }

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(DELAY)
          .isLessThan(DELAY.multipliedBy(10));
    }
  }

  @Test
  void theEndPassesBothWays() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SlowLink link = SlowLink.to(server.getLocalPort(), DELAY)) {
      try (var client = new Socket(InetAddress.getLoopbackAddress(), link.port());
          Socket served = server.accept()) {
        served.getOutputStream().write(1);
        served.shutdownOutput();

        assertThat(client.getInputStream().readAllBytes()).containsExactly(1);
      }
      try (var client = new Socket(InetAddress.getLoopbackAddress(), link.port());
          Socket served = server.accept()) {
        client.shutdownOutput();

        assertThat(served.getInputStream().read()).isEqualTo(-1);
      }
    }
  }
}
