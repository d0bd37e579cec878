package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestBytesTest {
  private static final int PART_BYTES = 14_000;
  private static final int MESSAGE_BYTES = PART_BYTES + 10;

  /** Nothing but zeros is no request. */
  private static final String ANSWERED = Integer.toString(Status.INTERNAL.getCode().value());

  private static final String ENDED = "reset";

  private final TestServer broker = new TestServer(limits(1_000));

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void connectionWithMost_losesItsOldestUnfinishedRequest() throws Exception {
    try (var greedy = connect(broker);
        var modest = connect(broker)) {
      begin(greedy, 1);
      begin(greedy, 3);
      begin(greedy, 5);
      begin(modest, 1);
      begin(modest, 3);

      assertThat(greedy.statusOf(1)).isEqualTo(ENDED);
      finish(greedy, 3);
      assertThat(greedy.statusOf(3)).isEqualTo(ANSWERED);
      finish(modest, 1);
      assertThat(modest.statusOf(1)).isEqualTo(ANSWERED);
    }
  }

  @Test
  void wholeRequestWithoutAnEnd_isUnfinished() throws Exception {
    try (var connection = connect(broker)) {
      connection.open(1, Map.of());
      connection.begin(1, RawConnection.message(0, PART_BYTES, new byte[PART_BYTES]));
      for (int stream = 3; stream <= 9; stream += 2) {
        begin(connection, stream);
      }

      assertThat(connection.statusOf(1)).isEqualTo(ENDED);
    }
  }

  @Test
  void whatIsFree_isLeftAlone() throws Exception {
    var open = new ArrayList<RawConnection>();
    try (var generous = new TestServer(limits(MESSAGE_BYTES))) {
      for (int i = 0; i < 6; i++) {
        open.add(connect(generous));
        begin(open.getLast(), 1);
      }
      for (RawConnection connection : open) {
        finish(connection, 1);
        assertThat(connection.statusOf(1)).isEqualTo(ANSWERED);
        connection.close();
      }
    }
  }

  @Test
  void whatHasEnded_isCountedNoMore() throws Exception {
    try (var connection = connect(broker)) {
      for (int stream = 1; stream <= 7; stream += 2) {
        begin(connection, stream);
        connection.reset(stream);
      }
      for (int stream = 9; stream <= 15; stream += 2) {
        begin(connection, stream);
        finish(connection, stream);
        assertThat(connection.statusOf(stream)).isEqualTo(ANSWERED);
      }
      for (int stream = 17; stream <= 23; stream += 2) {
        begin(connection, stream);
      }
      finish(connection, 17);

      assertThat(connection.statusOf(17)).isEqualTo(ANSWERED);
    }
  }

  /** Room for four requests, beside what is free. */
  private static GrpcServerLimits limits(long requestBytesFree) {
    return new GrpcServerLimits(
        4 * 1024 * 1024,
        256,
        4 * MESSAGE_BYTES,
        requestBytesFree,
        1_000_000,
        1_000_000,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofMillis(500),
        Duration.ofSeconds(5));
  }

  private static RawConnection connect(TestServer server) throws Exception {
    var connection = new RawConnection(server.server.port()).greet();
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
}
