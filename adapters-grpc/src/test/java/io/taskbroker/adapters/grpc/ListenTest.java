package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.Dispatch;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenTest {
  @Test
  void localhost_isAnAddress() {
    try (GrpcServer server = listen("localhost", 0)) {
      assertThat(server.port()).isPositive();
    }
  }

  @Test
  void takenPort_isNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> listen("127.0.0.1", taken.getLocalPort()))
          .isInstanceOf(ListenException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("grpc_port")
          .hasMessageContaining("in use");
    }
  }

  @Test
  void addressOfAnotherMachine_isNamed() {
    assertThatThrownBy(() -> listen("192.0.2.1", 0))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("192.0.2.1")
        .hasMessageContaining("grpc_addr");
  }

  @Test
  void nameOfNoMachine_isNamed() {
    assertThatThrownBy(() -> listen("no such host", 0))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("'no such host': no such host");
  }

  @Test
  void settings_keepTheirSecretsToThemselves() {
    var settings = new GrpcServerSettings("::1", 50051, List.of("secret"));

    assertThat(settings)
        .hasToString("GrpcServerSettings[address=::1, port=50051, sharedSecrets=1]");
    assertThat(settings.isEnabled()).isTrue();
    assertThatThrownBy(() -> new GrpcServerSettings("::1", 1, List.of("good", "")))
        .hasMessageContaining("empty secret");
    assertThatThrownBy(() -> new GrpcServerSettings("::1", 65_536, List.of()))
        .hasMessage("port must be 0 to 65535, was 65536");
  }

  private static GrpcServer listen(String address, int port) {
    var store = new StoreWithTasks();
    var health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
    return new GrpcServer(
            new GrpcServerSettings(address, port, List.of()),
            GrpcServerLimits.DEFAULT,
            new Dispatch(store, Dispatch.Mode.PULL, TestServer.TIME),
            TestServer.exchangeOfNothing(),
            health,
            TestServer.TIME)
        .start();
  }
}
