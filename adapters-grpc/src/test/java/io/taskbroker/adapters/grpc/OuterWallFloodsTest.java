package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames without end that bring nothing. */
class OuterWallFloodsTest extends ClientsAtTheWall {
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 6, 8, 11})
  void framesThatBringNothing_endTheirConnection(int type) throws Exception {
    RawConnection connection = connect("127.0.0.1");
    byte[] payload =
        switch (type) {
          case 2 -> new byte[] {0, 0, 0, 0, 0};
          case 6 -> new byte[8];
          case 8 -> new byte[] {0, 0, 0, 1};
          default -> new byte[0];
        };

    assertThat(
            floods(connection, 20_000, () -> connection.frame(type, 0, type == 2 ? 3 : 0, payload)))
        .isTrue();
  }

  @Test
  void callsThatAreResetAtOnce_endTheirConnection() throws Exception {
    RawConnection connection = connect("127.0.0.1");
    int[] stream = {-1};

    assertThat(
            floods(
                connection,
                5_000,
                () -> {
                  stream[0] += 2;
                  connection.open(stream[0], Map.of());
                  connection.reset(stream[0]);
                }))
        .isTrue();
  }

  @Test
  void continuationsWithoutEnd_endTheirConnection() throws Exception {
    RawConnection connection = connect("127.0.0.1");
    connection.frame(1, 0, 1, new byte[0]);

    assertThat(floods(connection, 20_000, () -> connection.frame(9, 0, 1, new byte[0]))).isTrue();
  }

  @Test
  void emptyDataWithoutEnd_endsItsConnection() throws Exception {
    RawConnection connection = connect("127.0.0.1");
    connection.open(1, Map.of());

    assertThat(floods(connection, 20_000, () -> connection.begin(1, new byte[0]))).isTrue();
  }

  @Test
  void watchersOfTheHealth_areBounded() throws Exception {
    restart(
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Answers(1 << 20, 1 << 20, LONG, LONG, 2, LONG)));
    var watching = HealthGrpc.newBlockingStub(broker.connect());
    var first = watching.watch(HealthCheckRequest.getDefaultInstance());
    var second = watching.watch(HealthCheckRequest.getDefaultInstance());
    first.next();
    second.next();

    assertThat(codeOf(() -> watching.watch(HealthCheckRequest.getDefaultInstance()).next()))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }
}
