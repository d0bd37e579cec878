package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.adapters.http.admin.KnownBrokers.Known;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What three brokers show together while others do not answer, or answer otherwise. */
class BrokersAwayTest extends ThreeBrokers {
  /** A listener that is no broker: it answers each connection with this, or with nothing. */
  private Known stranger(String name, String answer, AtomicInteger calls) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    List<Socket> kept = new ArrayList<>();
    Thread.ofVirtual()
        .name("stranger-" + name)
        .start(
            () -> {
              try {
                while (true) {
                  Socket socket = listener.accept();
                  kept.add(socket);
                  calls.incrementAndGet();
                  socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                  socket.getOutputStream().flush();
                }
              } catch (IOException _) {
                // the listener is closed
              }
            });
    open.add(
        () -> {
          listener.close();
          for (Socket socket : List.copyOf(kept)) {
            socket.close();
          }
        });
    return known(name, listener.getLocalPort());
  }

  private static String http(int status, String header, String body) {
    return "HTTP/1.1 %d x\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(status, header, body.length(), body);
  }

  @Test
  void whoIsAway_hangs_orAnswersWithAnError_isOneRowThatSaysSo() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    int port = serverC.port();
    serverC.close();
    AdminClient among =
        knowing(
            known("b", serverB.port()),
            known("away", port),
            stranger("hangs", "", calls),
            stranger("half", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", new AtomicInteger()),
            stranger("fails", http(500, "", "oh dear"), new AtomicInteger()),
            stranger("refuses", http(503, "", "{\"detail\": \"Stopping.\"}"), new AtomicInteger()));
    produce(b, pending("1"));

    Answer status = among.get("/api/v1/all/status");

    assertThat(status.status()).isEqualTo(200);
    assertThat(status.object("tasks")).containsEntry("pending", 1);
    assertThat(of(status, "away")).extractingByKey("detail").asString().contains("no admin API");
    for (String silent : List.of("hangs", "half")) {
      assertThat(of(status, silent))
          .extractingByKey("detail")
          .asString()
          .contains("no answer within");
    }
    assertThat(of(status, "fails")).extractingByKey("detail").asString().contains("no JSON");
    assertThat(of(status, "refuses")).containsEntry("detail", "Stopping.");

    int before = calls.get();
    assertThat(told(among.get("/api/v1/all/tasks"), "tasks", "id")).containsExactly("b 1");
    assertThat(calls).as("looks that a broker which is away holds up").hasValue(before);
  }

  /** "Nothing of the kind is there" is no failure where another broker did it; this is one. */
  @Test
  void whoDoesNotKnowTheCall_isTooOldForIt_andItIsNotDoneThere() throws IOException {
    String unknown = "{\"detail\": \"Nothing is here. /api/v1/openapi.json says what there is\"}";
    AdminClient among =
        knowing(
            known("b", serverB.port()),
            stranger("old", http(404, "", unknown), new AtomicInteger()),
            stranger(
                "older",
                http(405, "", "{\"detail\": \"Only GET is answered here\"}"),
                new AtomicInteger()));

    Answer paused = among.post("/api/v1/all/pauses", "application", "shop");

    assertThat(paused.status()).isEqualTo(207);
    assertThat(of(paused, "b")).containsEntry("status", 200);
    for (String old : List.of("old", "older")) {
      assertThat(of(paused, old))
          .containsEntry("status", 501)
          .extractingByKey("detail")
          .asString()
          .contains("too old", "POST /api/v1/pauses");
    }
  }

  @Test
  void whoSendsElsewhere_isNotFollowed() throws IOException {
    String there = "Location: http://127.0.0.1:%d/api/v1/status\r\n".formatted(serverC.port());
    AdminClient among = knowing(stranger("b", http(302, there, "{}"), new AtomicInteger()));

    assertThat(of(among.get("/api/v1/all/status"), "b")).containsEntry("status", 302);
  }

  @Test
  void whoAsksItself_isToldHowToMendThat() throws IOException {
    int port;
    try (ServerSocket some = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = some.getLocalPort();
    }
    AdminClient self =
        new AdminClient(serve(a, port, List.of(known("mirror", port))).port()).withToken(OPERATOR);
    produce(a, pending("1"));

    Answer status = self.get("/api/v1/all/status");

    assertThat(status.object("tasks")).containsEntry("pending", 1);
    assertThat(of(status, "mirror"))
        .containsEntry("status", 508)
        .extractingByKey("detail")
        .asString()
        .contains("admin.name");
  }
}
