package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker's own workers that it calls, over real sockets. */
@Timeout(120)
class OwnCalledWorkersTest {
  private static final String SECRET = "a secret of many letters";
  private static final int TASKS = 300;

  private final TestServer broker =
      new TestServer(GrpcServerLimits.DEFAULT, Dispatch.Mode.PUSH, SECRET);
  private final Semaphore done = new Semaphore(0);
  private final OwnCalledWorkers workers = new OwnCalledWorkers(SECRET, done::release);

  @AfterEach
  void close() {
    workers.close();
    broker.close();
  }

  @Test
  void eachTaskThatIsPushedIsReportedOnce() throws Exception {
    reportToTheBroker();
    List<String> tasks = IntStream.range(0, TASKS).mapToObj(number -> "task-" + number).toList();
    try (GrpcWorkers calling = calling(List.of(SECRET))) {
      List<CompletableFuture<Answer>> answers =
          tasks.stream().map(id -> push(calling, id)).toList();

      assertThat(answers).extracting(CompletableFuture::join).containsOnly(new Answer.Accepted());
      assertThat(done.tryAcquire(TASKS, 1, TimeUnit.MINUTES)).isTrue();
      assertThat(reported()).containsExactlyInAnyOrderElementsOf(tasks);
      assertThat(done.availablePermits()).isZero();
    }
  }

  /** Before they know their broker, too: their port is open by then. */
  @ParameterizedTest
  @ValueSource(strings = {"", "another of many letters"})
  void whatStrangersPushIsRefused_andReportedToNobody(String secret) throws Exception {
    List<String> secrets = secret.isEmpty() ? List.of() : List.of(secret);
    try (GrpcWorkers stranger = calling(secrets);
        GrpcWorkers calling = calling(List.of(SECRET))) {
      Answer early = push(stranger, "early").join();
      reportToTheBroker();
      Answer late = push(stranger, "late").join();
      Answer own = push(calling, "own").join();

      assertThat(List.of(early, late)).allSatisfy(it -> assertThat(it).isNotEqualTo(own));
      assertThat(own).isEqualTo(new Answer.Accepted());
      assertThat(done.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
      assertThat(reported()).containsExactly("own");
    }
  }

  @Test
  void whatIsLargerThanTheirTasksIsNotTaken() throws Exception {
    reportToTheBroker();
    try (GrpcWorkers calling = calling(List.of(SECRET))) {
      Answer large = push(calling, "large", OwnCalledWorkers.MOST_BYTES).join();

      assertThat(large).isNotEqualTo(new Answer.Accepted());
    }
  }

  @Test
  void connectionsBeyondThoseThatTheBrokerMakesAreClosed() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < OwnCalledWorkers.MOST_CONNECTIONS; i++) {
        Socket socket = connect();
        open.add(socket);
        assertThat(socket.getInputStream().read()).isNotNegative(); // settings of HTTP/2
      }
      try (Socket further = connect()) {
        assertThat(further.getInputStream().read()).isNegative();
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private Socket connect() throws Exception {
    var socket = new Socket(InetAddress.getLoopbackAddress(), workers.address().port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private void reportToTheBroker() {
    workers.reportTo(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.server.port()),
        List.of(SECRET));
  }

  private List<String> reported() {
    return broker.store.reports().stream().map(Report::id).toList();
  }

  private GrpcWorkers calling(List<String> secrets) {
    return new GrpcWorkers(
        new GrpcWorkersSettings(
            Map.of("shop", workers.address()), 1, 1 << 20, Duration.ofMinutes(1), secrets),
        TestServer.TIME);
  }

  private static CompletableFuture<Answer> push(GrpcWorkers calling, String id) {
    return push(calling, id, 100);
  }

  private static CompletableFuture<Answer> push(GrpcWorkers calling, String id, int bytes) {
    WorkerConnection over = CalledWorkers.connections(calling, "shop", 1).getFirst();
    byte[] payload = TestServer.task(id, "shop", bytes).toByteArray();
    Activation activation = Activations.pending(id).arriving().activation();
    var claim = new Claim(1, 1, activation, 0, RetryOverride.NONE, null);
    return calling.push("shop", over, new Delivered(claim, payload)).toCompletableFuture();
  }
}
