package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.domain.Delivery;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take more than their share, beside a probe and a worker that are answered. */
@Timeout(120)
class OuterWallTest {
  private static final int PART_BYTES = 14_000;
  private static final int MESSAGE_BYTES = PART_BYTES + 10;

  /** Nothing but zeros is no request. */
  private static final String ANSWERED = Integer.toString(Status.INTERNAL.getCode().value());

  private static final String ENDED = "reset";
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final List<RawConnection> open = new ArrayList<>();
  private TestServer broker = new TestServer(GrpcServerLimits.DEFAULT);

  @AfterEach
  void others_areServedAllTheSame() throws Exception {
    assertThat(probe()).isEqualTo(ServingStatus.SERVING);
    for (RawConnection one : open) {
      one.close();
    }
    broker.close();
  }

  private void restart(GrpcServerLimits limits) {
    broker.close();
    broker = new TestServer(limits);
  }

  // Connections.

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

  // Time.

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

  // Memory.

  @Test
  void connectionWithMost_losesItsOldestUnfinishedRequests() throws Exception {
    restart(requests(4 * (MESSAGE_BYTES + 5_000), LONG));
    RawConnection greedy = connect("127.0.0.1");
    RawConnection modest = connect("127.0.0.1");
    begin(greedy, 1);
    begin(greedy, 3);
    begin(greedy, 5);
    begin(modest, 1);
    begin(modest, 3);

    assertThat(greedy.statusOf(1)).isEqualTo(ENDED);
    finish(modest, 1);
    assertThat(modest.statusOf(1)).isEqualTo(ANSWERED);
  }

  @Test
  void connectionWithoutASeat_losesItsRequestsFirst() throws Exception {
    restart(requests(4 * (MESSAGE_BYTES + 5_000), LONG));
    RawConnection worker = connect("127.0.0.1");
    worker.open(1, Map.of());
    worker.finish(1, RawConnection.message(0, 0, new byte[0]));
    worker.statusOf(1);
    begin(worker, 3);
    begin(worker, 5);
    begin(worker, 7);
    RawConnection stranger = connect("127.0.0.1");
    begin(stranger, 1);
    begin(stranger, 3);

    assertThat(stranger.statusOf(1)).isEqualTo(ENDED);
    finish(worker, 3);
    assertThat(worker.statusOf(3)).isEqualTo(ANSWERED);
  }

  @Test
  void headersOfUnfinishedRequests_areCounted() throws Exception {
    restart(requests(300_000, LONG));
    RawConnection connection = connect("127.0.0.1");
    connection.open(1, Map.of());
    connection.finish(1, RawConnection.message(0, 0, new byte[0]));
    connection.statusOf(1);
    var large = new TreeMap<String, String>();
    for (int i = 0; i < 60; i++) {
      large.put("x-" + i, "y".repeat(100));
    }
    for (int stream = 3; stream < 2 * 40; stream += 2) {
      connection.open(stream, large);
    }

    assertThat(connection.statusOf(3)).isEqualTo(ENDED);
  }

  @Test
  void manyUnfinishedRequestsBeforeTheFirstIsWhole_endTheirConnection() throws Exception {
    RawConnection connection = connect("127.0.0.1");

    assertThat(
            floods(
                connection,
                OpenCalls.UNFINISHED_AT_FIRST + 1,
                new Sending() {
                  private int stream = -1;

                  @Override
                  public void once() throws IOException {
                    stream += 2;
                    connection.open(stream, Map.of());
                  }
                }))
        .isTrue();
  }

  @Test
  void whatHasEnded_isCountedNoMore() throws Exception {
    restart(requests(4 * (MESSAGE_BYTES + 5_000), LONG));
    RawConnection connection = connect("127.0.0.1");
    for (int stream = 1; stream <= 39; stream += 4) {
      begin(connection, stream);
      connection.reset(stream);
      begin(connection, stream + 2);
      finish(connection, stream + 2);
      assertThat(connection.statusOf(stream + 2)).isEqualTo(ANSWERED);
    }
    for (int stream = 41; stream <= 45; stream += 2) {
      begin(connection, stream);
    }
    finish(connection, 41);

    assertThat(connection.statusOf(41)).isEqualTo(ANSWERED);
  }

  // Floods.

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
            new GrpcServerLimits.Answers(1 << 20, 1 << 20, LONG, SHORT, 2, LONG)));
    var watching = HealthGrpc.newBlockingStub(broker.connect());
    var first = watching.watch(HealthCheckRequest.getDefaultInstance());
    var second = watching.watch(HealthCheckRequest.getDefaultInstance());
    first.next();
    second.next();

    assertThat(codeOf(() -> watching.watch(HealthCheckRequest.getDefaultInstance()).next()))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  /** Something that is sent again and again. */
  private interface Sending {
    void once() throws IOException;
  }

  /** Whether the connection ended before that was sent {@code times} times. */
  private static boolean floods(RawConnection connection, int times, Sending sending)
      throws Exception {
    try {
      for (int i = 0; i < times; i++) {
        sending.once();
      }
    } catch (SocketException _) {
      return true;
    }
    return connection.statusOf(Integer.MAX_VALUE).equals("closed");
  }

  private static GrpcServerLimits connections(int seats, int perAddress, int waiting) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Connections(seats, perAddress, waiting, 256, LONG, LONG, LONG, LONG));
  }

  private static GrpcServerLimits requests(long bytesInAll, Duration within) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Requests(4 << 20, 16_384, bytesInAll, within, within));
  }

  private RawConnection connect(String from) throws Exception {
    var connection = new RawConnection(from, broker.server.port()).greet();
    open.add(connection);
    connection.awaitSettings();
    return connection;
  }

  /** Sends most of a request, and waits until the server has it. */
  private static void begin(RawConnection connection, int stream) throws Exception {
    connection.open(stream, Map.of());
    connection.begin(stream, RawConnection.message(0, MESSAGE_BYTES, new byte[PART_BYTES]));
    connection.awaitTaken();
  }

  private static void finish(RawConnection connection, int stream) throws Exception {
    connection.finish(stream, new byte[MESSAGE_BYTES - PART_BYTES]);
  }

  private ServingStatus probe() {
    return HealthGrpc.newBlockingStub(broker.connect())
        .withDeadlineAfter(Duration.ofMinutes(1))
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private static void getTask(ManagedChannel connection) {
    var _ =
        ConsumerServiceGrpc.newBlockingStub(connection)
            .getTask(GetTaskRequest.getDefaultInstance());
  }

  private Status.Code codeOfGetTask() {
    return codeOf(() -> broker.worker().getTask(GetTaskRequest.getDefaultInstance()));
  }

  private static Status.Code codeOf(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
