package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.taskbroker.proto.v1.GetTaskRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections: how many there are, and for how long. */
class OuterWallTest extends ClientsAtTheWall {
  @Test
  void connectionsWithoutARequest_makeRoomForNewOnes() throws Exception {
    restart(connections(10, 0, 20));
    var worker = broker.worker();
    assertThat(codeOf(() -> worker.getTask(GetTaskRequest.getDefaultInstance())))
        .isEqualTo(Status.Code.NOT_FOUND);
    for (int i = 0; i < 200; i++) {
      begin(connect("127.0.0.2"), 1);
      if (i % 20 == 0) {
        assertThat(probe()).isEqualTo(ServingStatus.SERVING);
      }
    }

    assertThat(open.getFirst().statusOf(1)).isEqualTo("closed");
    broker.add("a");
    assertThat(worker.getTask(GetTaskRequest.getDefaultInstance()).getTask().getId())
        .isEqualTo("a");
  }

  @Test
  void hostWithManyConnections_takesPlacesFromItselfOnly() throws Exception {
    restart(connections(10, 0, 20));
    RawConnection slow = connect("127.0.0.1");
    begin(slow, 1);
    for (int i = 0; i < 100; i++) {
      connect("127.0.0.2");
    }

    finish(slow, 1);

    assertThat(slow.statusOf(1)).isEqualTo(ANSWERED);
  }

  @Test
  void workersBeyondTheSeats_areToldSo_andProbesAreAnswered() throws Exception {
    restart(connections(3, 0, 20));
    for (int i = 0; i < 3; i++) {
      assertThat(codeOfGetTask()).isEqualTo(Status.Code.NOT_FOUND);
    }

    assertThat(codeOfGetTask()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(probe()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void seat_isFreeAgain_whenItsConnectionEnds() throws Exception {
    restart(connections(1, 0, 20));
    var first = broker.connect();
    assertThat(codeOf(() -> getTask(first))).isEqualTo(Status.Code.NOT_FOUND);
    first.shutdownNow().awaitTermination(1, TimeUnit.MINUTES);

    Status.Code code = codeOfGetTask();
    while (code == Status.Code.RESOURCE_EXHAUSTED) {
      code = codeOfGetTask(); // the server hears of the end a little later
    }

    assertThat(code).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void addressWithTooManyConnections_losesItsOwn() throws Exception {
    restart(connections(100, 4, 100));
    RawConnection other = connect("127.0.0.1");
    for (int i = 0; i < 10; i++) {
      begin(connect("127.0.0.2"), 1);
    }

    assertThat(open.get(1).statusOf(1)).isEqualTo("closed");
    begin(other, 1);
    finish(other, 1);
    assertThat(other.statusOf(1)).isEqualTo(ANSWERED);
  }

  @Test
  void oldConnection_isToldToGo_andItsCallsEnd() throws Exception {
    restart(
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Connections(
                10, 0, 10, 8, LONG, LONG, Duration.ofSeconds(1), LONG)));
    RawConnection connection = connect("127.0.0.1");
    begin(connection, 1);

    connection.awaitGoAway();
    finish(connection, 1);

    assertThat(connection.statusOf(1)).isEqualTo(ANSWERED);
  }

  @Test
  void idleConnection_isToldToGo() throws Exception {
    restart(
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Connections(
                10, 0, 10, 8, LONG, Duration.ofSeconds(1), LONG, LONG)));

    connect("127.0.0.1").awaitGoAway();
  }
}
