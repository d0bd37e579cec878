package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** Clients that take more than their share, beside a probe and a worker that are answered. */
@Timeout(120)
abstract class ClientsAtTheWall {
  static final int PART_BYTES = 14_000;
  static final int MESSAGE_BYTES = PART_BYTES + 10;

  /** Nothing but zeros is no request. */
  static final String ANSWERED = Integer.toString(Status.INTERNAL.getCode().value());

  static final String ENDED = "reset";
  static final Duration SHORT = Duration.ofMillis(300);
  static final Duration LONG = Duration.ofMinutes(5);

  final List<RawConnection> open = new ArrayList<>();
  TestServer broker = new TestServer(GrpcServerLimits.DEFAULT);
  private boolean isHasty;

  @AfterEach
  void others_areServedAllTheSame() throws Exception {
    var answer = new AtomicReference<>(ServingStatus.UNKNOWN);
    Status.Code code = codeOf(() -> answer.set(probe()));
    while (isHasty && code != Status.Code.OK) { // where time is short, a busy machine is too slow
      code = codeOf(() -> answer.set(probe()));
    }
    assertThat(code).isEqualTo(Status.Code.OK);
    assertThat(answer).hasValue(ServingStatus.SERVING);
    for (RawConnection one : open) {
      one.close();
    }
    broker.close();
  }

  void restart(GrpcServerLimits limits) {
    isHasty =
        limits.requests().within().equals(SHORT) || limits.answers().stuckAtMost().equals(SHORT);
    broker.close();
    broker = new TestServer(limits);
  }

  /** Something that is sent again and again. */
  interface Sending {
    void once() throws IOException;
  }

  /** Whether the connection ended before that was sent {@code times} times. */
  static boolean floods(RawConnection connection, int times, Sending sending) throws Exception {
    try {
      for (int i = 0; i < times; i++) {
        sending.once();
      }
    } catch (SocketException _) {
      return true;
    }
    return connection.statusOf(Integer.MAX_VALUE).equals("closed");
  }

  static GrpcServerLimits connections(int seats, int perAddress, int waiting) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Connections(seats, perAddress, waiting, 256, LONG, LONG, LONG, LONG));
  }

  static GrpcServerLimits requests(long bytesInAll, Duration within) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Requests(4 << 20, 16_384, bytesInAll, within, within));
  }

  RawConnection connect(String from) throws Exception {
    var connection = new RawConnection(from, broker.server.port()).greet();
    open.add(connection);
    connection.awaitSettings();
    return connection;
  }

  /** Sends most of a request, and waits until the server has it. */
  static void begin(RawConnection connection, int stream) throws Exception {
    connection.open(stream, Map.of());
    connection.begin(stream, RawConnection.message(0, MESSAGE_BYTES, new byte[PART_BYTES]));
    connection.awaitTaken();
  }

  static void finish(RawConnection connection, int stream) throws Exception {
    connection.finish(stream, new byte[MESSAGE_BYTES - PART_BYTES]);
  }

  ServingStatus probe() {
    return HealthGrpc.newBlockingStub(broker.connect())
        .withDeadlineAfter(Duration.ofMinutes(1))
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  static void getTask(ManagedChannel connection) {
    var _ =
        ConsumerServiceGrpc.newBlockingStub(connection)
            .getTask(GetTaskRequest.getDefaultInstance());
  }

  Status.Code codeOfGetTask() {
    return codeOf(() -> broker.worker().getTask(GetTaskRequest.getDefaultInstance()));
  }

  static Status.Code codeOf(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
