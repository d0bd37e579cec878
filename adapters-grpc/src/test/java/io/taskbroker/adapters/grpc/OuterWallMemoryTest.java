package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What unfinished requests keep in memory. */
class OuterWallMemoryTest extends ClientsAtTheWall {
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

  /** So many of 100 bytes and a few. */
  private static Map<String, String> headers(int count) {
    var headers = new TreeMap<String, String>();
    for (int i = 0; i < count; i++) {
      headers.put("x-" + i, "y".repeat(100));
    }
    return headers;
  }

  @Test
  void headersOfUnfinishedRequests_areCounted() throws Exception {
    restart(requests(300_000, LONG));
    RawConnection connection = connect("127.0.0.1");
    connection.open(1, Map.of());
    connection.finish(1, RawConnection.message(0, 0, new byte[0]));
    connection.statusOf(1);
    Map<String, String> large = headers(60);
    for (int stream = 3; stream < 2 * 40; stream += 2) {
      connection.open(stream, large);
    }

    assertThat(connection.statusOf(3)).isEqualTo(ENDED);
  }

  @Test
  void unfinishedRequestsWithLargeHeadersBeforeTheFirstIsWhole_endTheirConnection()
      throws Exception {
    RawConnection connection = connect("127.0.0.1");
    Map<String, String> large = headers(60);

    assertThat(
            floods(
                connection,
                OpenCalls.UNFINISHED_BYTES_AT_FIRST / 6_000,
                new Sending() {
                  private int stream = -1;

                  @Override
                  public void once() throws IOException {
                    stream += 2;
                    connection.open(stream, large);
                  }
                }))
        .isTrue();
  }

  /** As a client does that writes the headers of all that waits for its connection first. */
  @Test
  void aWorkerThatBeginsWithHundredsOfCallsAtOnce_isAnswered() throws Exception {
    RawConnection worker = connect("127.0.0.1");
    int last = 2 * 200 - 1;
    for (int stream = 1; stream <= last; stream += 2) {
      worker.open(stream, headers(3));
    }
    for (int stream = 1; stream <= last; stream += 2) {
      worker.finish(stream, RawConnection.message(0, 0, new byte[0]));
    }

    assertThat(worker.statusOf(last))
        .isEqualTo(Integer.toString(Status.NOT_FOUND.getCode().value())); // there is no task
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
}
