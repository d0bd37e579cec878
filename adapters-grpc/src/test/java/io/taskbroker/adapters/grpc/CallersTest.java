package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.taskbroker.application.dispatch.DepartedWorkers;
import io.taskbroker.testkit.SettableTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallersTest {
  private final Callers callers = new Callers(new DepartedWorkers(), new SettableTime());

  /** As load balancers do. A server waits at its end for each connection that it knows. */
  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"})
  void whoOnlyLooksWhetherSomebodyListensIsForgotten(String said) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addTransportFilter(callers)
            .build()
            .start();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      socket.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      var _ = socket.getInputStream().readAllBytes();
    }

    server.shutdown();

    assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }
}
