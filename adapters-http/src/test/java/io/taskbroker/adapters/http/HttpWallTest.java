package io.taskbroker.adapters.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that nobody should be, beside a probe that has to be answered. */
@Timeout(120)
class HttpWallTest {
  private static final TimeSource TIME =
      () -> new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);
  private static final String ASKED = "GET /metrics HTTP/1.1\r\nHost: broker\r\n\r\n";
  private static final int PAGE_BYTES = 3 << 20;
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
  private final AtomicInteger pages = new AtomicInteger();
  private final List<AutoCloseable> open = new ArrayList<>();
  private boolean isHasty;
  private HttpListener server = listen(new HttpLimits(64, 0, LONG, LONG));

  private HttpListener listen(HttpLimits limits) {
    var press =
        new PagePress(
            () -> {
              pages.incrementAndGet();
              return new byte[PAGE_BYTES];
            },
            TIME);
    Handler handler = new MonitoringHandler(health, press, "text/plain");
    try {
      return new HttpListener(ListenerName.MONITORING, limits, handler, health, TIME)
          .start("127.0.0.1", 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void restart(HttpLimits limits) {
    isHasty = limits.request().equals(SHORT) || limits.answer().equals(SHORT);
    server.close();
    server = listen(limits);
  }

  @AfterEach
  void close() throws Exception {
    String answer = probe();
    while (isHasty && answer.isEmpty()) { // where time is short, a busy machine may be too slow
      answer = probe();
    }
    assertThat(answer).startsWith("HTTP/1.1 200");
    for (AutoCloseable one : open) {
      one.close();
    }
    server.close();
  }

  @Test
  void halfRequests_keepNoProbeOut() throws Exception {
    List<Socket> half = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      Socket socket = connect("127.0.0.2");
      socket.getOutputStream().write(ASKED.getBytes(StandardCharsets.US_ASCII), 0, 20);
      half.add(socket);
      if (i % 50 == 0) {
        assertThat(probe()).startsWith("HTTP/1.1 200");
      }
    }

    new Readers(half).awaitHungUp(600 - 64);
  }

  @Test
  void unreadPages_areOnePage_andKeepNoProbeOut() throws Exception {
    restart(new HttpLimits(256, 0, LONG, LONG));
    for (int i = 0; i < 100; i++) {
      connect("127.0.0.2").getOutputStream().write(ASKED.getBytes(StandardCharsets.US_ASCII));
    }

    assertThat(probe()).startsWith("HTTP/1.1 200");
    assertThat(pages).hasValueLessThanOrEqualTo(PagePress.MOST_READ);
  }

  @Test
  void pageThatIsNotRead_isGivenUp() throws Exception {
    restart(new HttpLimits(64, 0, LONG, SHORT));
    Socket socket = connect("127.0.0.1");
    socket.getOutputStream().write(ASKED.getBytes(StandardCharsets.US_ASCII));

    dripUntilHungUp(socket); // which only answers that take too long are here
    assertThat(read(socket).length()).isLessThan(PAGE_BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /livez HTTP/1.1\r\nHost: broker\r\nX-Slow: ",
        "POST /livez HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\n1;"
      })
  void requestThatDrips_isHungUpOn(String beginning) throws Exception {
    restart(new HttpLimits(64, 0, SHORT, SHORT));
    Socket socket = connect("127.0.0.1");
    socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));

    dripUntilHungUp(socket);
  }

  @Test
  void idleConnection_isClosed() throws Exception {
    restart(new HttpLimits(64, 0, SHORT, SHORT));

    assertThat(isHungUpOn(connect("127.0.0.1"))).isTrue();
  }

  @Test
  void addressWithTooMany_losesItsOwnOldest() throws Exception {
    restart(new HttpLimits(64, 4, LONG, LONG));
    Socket other = connect("127.0.0.1");
    var many = new Readers(connections(10, "127.0.0.2"));

    many.awaitHungUp(6);
    ask(other);
    assertThat(read(other)).startsWith("HTTP/1.1 200");
    assertThat(many.answersOfTheOthers())
        .hasSize(4)
        .allMatch(one -> one.startsWith("HTTP/1.1 200"));
  }

  @Test
  void hostWithManyConnections_takesPlacesFromItselfOnly() throws Exception {
    Socket slow = connect("127.0.0.1");
    var many = new Readers(connections(100, "127.0.0.2"));

    many.awaitHungUp(37);
    ask(slow);
    assertThat(read(slow)).startsWith("HTTP/1.1 200");
    assertThat(many.answersOfTheOthers()).hasSize(63);
  }

  @Test
  void headersThatAreTooLarge_areRefused() throws Exception {
    Socket socket = connect("127.0.0.1");
    String request =
        "GET /livez HTTP/1.1\r\nHost: broker\r\nX-Large: " + "x".repeat(10_000) + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

    assertThat(read(socket)).startsWith("HTTP/1.1 431");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /livez HTTP/0.9\r\n\r\n",
        "POST /livez HTTP/1.1\r\nHost: broker\r\nContent-Length: 99999999999999\r\n\r\n",
        "POST /livez HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "\u0000\u0001\u0002\r\n\r\n",
        "GET /%%% HTTP/1.1\r\nHost: broker\r\n\r\n"
      })
  void nonsense_isRefused(String request) throws Exception {
    Socket socket = connect("127.0.0.1");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

    assertThat(read(socket)).matches("(?s)(HTTP/1.1 [45].*)?");
  }

  @Test
  void pipelinedRequests_areAnsweredInTurn() throws Exception {
    Socket socket = connect("127.0.0.1");
    String one = "GET /livez HTTP/1.1\r\nHost: broker\r\n\r\n";
    String last = "GET /livez HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write((one.repeat(50) + last).getBytes(StandardCharsets.US_ASCII));

    assertThat(read(socket).split("HTTP/1.1 200", -1)).hasSize(52);
  }

  private Socket connect(String from) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(8 * 1024);
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 60_000);
    socket.setSoTimeout(60_000);
    open.add(socket);
    return socket;
  }

  private List<Socket> connections(int count, String from) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(connect(from));
    }
    return sockets;
  }

  private static void ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /livez HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
  }

  private String probe() throws IOException {
    try (Socket socket = connect("127.0.0.1")) {
      ask(socket);
      return read(socket);
    }
  }

  private static String read(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException _) {
      return "";
    }
  }

  private static boolean isHungUpOn(Socket socket) throws IOException {
    return read(socket).isEmpty();
  }

  /** Sends a byte now and then, and reads nothing, until the connection has ended. */
  private static void dripUntilHungUp(Socket socket) throws InterruptedException {
    try {
      while (true) {
        socket.getOutputStream().write('1');
        Thread.sleep(20); // the pace of this client
      }
    } catch (IOException _) {
      // hung up on
    }
  }

  /**
   * Reads many connections at once. The server opens them on several threads: how many it hangs up
   * on is certain, and which ones is not.
   */
  private static final class Readers {
    private final Map<Socket, CompletableFuture<String>> answers = new LinkedHashMap<>();
    private final Semaphore hungUp = new Semaphore(0);

    Readers(List<Socket> sockets) {
      for (Socket socket : sockets) {
        var answer = new CompletableFuture<String>();
        answers.put(socket, answer);
        Thread.startVirtualThread(() -> complete(socket, answer));
      }
    }

    private void complete(Socket socket, CompletableFuture<String> answer) {
      try {
        String text = read(socket);
        answer.complete(text);
        hungUp.release(text.isEmpty() ? 1 : 0);
      } catch (IOException e) {
        answer.completeExceptionally(e);
      }
    }

    void awaitHungUp(int count) throws InterruptedException {
      assertThat(hungUp.tryAcquire(count, 60, TimeUnit.SECONDS))
          .as("%s connections were hung up on", count)
          .isTrue();
    }

    /** What is answered on the connections that are still there, each of which asks. */
    List<String> answersOfTheOthers() throws IOException {
      List<CompletableFuture<String>> others = new ArrayList<>();
      for (var each : answers.entrySet()) {
        if (!each.getValue().isDone()) {
          ask(each.getKey());
          others.add(each.getValue());
        }
      }
      return others.stream().map(CompletableFuture::join).toList();
    }
  }
}
