package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.http.HttpLimits;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a browser is told once a second. */
@Timeout(120)
class AdminEventsTest {
  /** No stream is closed to make room for a connection, which would free a stream's place. */
  private static final AdminSettings ROOMY =
      new AdminSettings(
          "127.0.0.1",
          0,
          2 * EventStreams.MOST,
          List.of(),
          Optional.of(AdminRole.ADMIN),
          List.of(),
          AdminRole.OPERATOR);

  private final BrokerFixture broker = BrokerFixture.start();
  private final List<Socket> open = new ArrayList<>();
  private final AdminServer server =
      AdminServer.start(
          ROOMY, broker.broker(), Surroundings.of(AdminApi.PLAIN, "1"), broker.time());

  @AfterEach
  void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    server.close();
    broker.close();
  }

  /** The answer, from its first line on. */
  private InputStream ask() throws IOException {
    return ask(server.port(), "");
  }

  private InputStream ask(int port, String header) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    open.add(socket);
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write(
            "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
                .formatted(header)
                .getBytes(StandardCharsets.US_ASCII));
    return socket.getInputStream();
  }

  private static String awaitLine(InputStream in, String part) throws IOException {
    String line = "";
    while (!line.contains(part)) {
      line = AdminClient.line(in);
    }
    return line;
  }

  @Test
  void eachEvent_hasTheStatusOfItsMoment() throws IOException {
    InputStream events = ask();

    assertThat(awaitLine(events, "HTTP/1.1")).contains("200");
    awaitLine(events, "text/event-stream");
    assertThat(awaitLine(events, "id: 1")).isEqualTo("id: 1");
    assertThat(AdminClient.line(events)).isEqualTo("event: status");
    assertThat(AdminClient.line(events)).startsWith("data: {").contains("\"pending\":0");
    assertThat(AdminClient.line(events)).isEmpty();
    broker.produce(Activations.pending("a"));
    assertThat(awaitLine(events, "\"pending\":1")).startsWith("data: {");
  }

  /** Twice the time for an answer passes, a part of it between any two events. */
  @Test
  void aStreamThatIsRead_lastsLongerThanAnAnswerMay() throws IOException {
    InputStream events = ask();
    awaitLine(events, "data: ");
    for (int tasks = 1; tasks <= 3; tasks++) {
      broker.time().advance(HttpLimits.ANSWER.dividedBy(3).multipliedBy(2));
      broker.produce(Activations.pending("a" + tasks));
      awaitLine(events, "\"pending\":" + tasks);
      awaitLine(events, "data: "); // so what is known of the one before is newer than the advance
    }
  }

  @Test
  void theEndOfItsSession_endsAStream() throws IOException {
    var token = new AdminToken("ops", AdminRole.OPERATOR, "a-secret-of-some-length");
    var guarded =
        new AdminSettings(
            "127.0.0.1", 0, 8, List.of(token), Optional.empty(), List.of(), AdminRole.OPERATOR);
    try (AdminServer closed =
        AdminServer.start(
            guarded, broker.broker(), Surroundings.of(AdminApi.PLAIN, "1"), broker.time())) {
      AdminClient client = new AdminClient(closed.port());
      String cookie =
          client
              .withToken(token.secret())
              .post("/api/v1/session")
              .headers()
              .getOrDefault("set-cookie", "")
              .split(";", 2)[0];
      InputStream events = ask(closed.port(), "Cookie: " + cookie + "\r\n");
      awaitLine(events, "id: 2"); // while it lasts it is admitted

      client.with("Cookie", cookie).post("/api/v1/session/end");

      String line = "";
      while (!line.equals("0")) { // the last chunk of the answer
        line = AdminClient.line(events);
      }
      assertThat(AdminClient.line(events)).isEmpty();
    }
  }

  @Test
  void moreStreamsThanThereAreFor_areRefused() throws IOException {
    for (int i = 0; i < EventStreams.MOST; i++) {
      awaitLine(ask(), "200");
    }

    assertThat(awaitLine(ask(), "HTTP/1.1")).contains("503");
  }

  @Test
  void theEndOfTheServer_endsTheStreams() throws IOException {
    InputStream events = ask();
    awaitLine(events, "data: ");

    server.close();

    assertThatThrownBy(() -> awaitLine(events, "no such line")).isInstanceOf(IOException.class);
  }
}
