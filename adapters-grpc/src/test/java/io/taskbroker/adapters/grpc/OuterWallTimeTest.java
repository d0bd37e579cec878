package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Delivery;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests, headers and answers that do not come to an end. */
class OuterWallTimeTest extends ClientsAtTheWall {
  @Test
  void requestThatIsNotWholeInTime_isEnded() throws Exception {
    var time = new SettableTime();
    broker.close();
    broker = new TestServer(requests(1 << 20, SHORT), time);
    RawConnection connection = connect("127.0.0.1");
    begin(connection, 1);
    time.advance(SHORT.plusMillis(1));

    assertThat(connection.statusOf(1)).isEqualTo(ENDED);
    begin(connection, 3);
    finish(connection, 3);
    assertThat(connection.statusOf(3)).isEqualTo(ANSWERED);
  }

  @Test
  void messageWithoutTheEndOfItsCall_isNotWhole() throws Exception {
    restart(requests(1 << 20, SHORT));
    RawConnection connection = connect("127.0.0.1");
    connection.open(1, Map.of());
    connection.begin(1, RawConnection.message(0, 10, new byte[10]));

    assertThat(connection.statusOf(1)).isEqualTo(ENDED);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 100})
  void frameThatDoesNotEnd_endsItsConnection(int bytes) throws Exception {
    restart(requests(1 << 20, SHORT));
    RawConnection connection = connect("127.0.0.1");
    byte[] begun = new byte[bytes];
    begun[1] = 0x10;
    begun[3] = 4;
    connection.send(begun);

    assertThat(connection.statusOf(1)).isEqualTo("closed");
  }

  @Test
  void frameThatDrips_endsItsConnection() throws Exception {
    restart(requests(1 << 20, SHORT));
    RawConnection connection = connect("127.0.0.1");
    connection.send(new byte[] {0, 0x10, 0, 4});

    assertThat(
            floods(
                connection,
                100,
                () -> {
                  connection.send(new byte[1]);
                  LockSupport.parkNanos(Duration.ofMillis(50).toNanos()); // the pace of this client
                }))
        .isTrue();
  }

  @Test
  void headersThatDoNotEnd_endTheirConnection() throws Exception {
    restart(requests(1 << 20, SHORT));
    RawConnection connection = connect("127.0.0.1");
    connection.frame(1, 0, 1, new byte[0]);

    assertThat(connection.statusOf(1)).isEqualTo("closed");
  }

  @Test
  void answerThatNobodyTakes_isEnded() throws Exception {
    restart(
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Answers(1 << 20, 1 << 20, LONG, SHORT, 10, LONG)));
    broker.add("large", "shop", Delivery.AT_LEAST_ONCE, 500_000);
    RawConnection connection = connect("127.0.0.1");
    connection.open(1, Map.of());
    connection.finish(1, RawConnection.message(0, 0, new byte[0]));

    assertThat(broker.store.awaitReleased()).isEqualTo("large");
  }
}
