package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

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
}
