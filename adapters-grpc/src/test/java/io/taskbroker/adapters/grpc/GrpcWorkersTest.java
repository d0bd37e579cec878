package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.push.WorkerGateway.Health;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.testkit.Activations;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class GrpcWorkersTest {
  private static final String SHOP = "shop";
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final byte[] NOT_HTTP_2 =
      "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LIMIT = 20 * 1024 * 1024;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @ParameterizedTest
  @DisplayName("8.1 10 MiB boundary: a push carries the stored bytes")
  @ValueSource(ints = {0, 1, 120, 128, 20_000, 10 * 1024 * 1024 - 100})
  void push_sendsThePayloadAsItIsStored(int bytes) throws Exception {
    CalledWorkers workers = workers(Status.OK);
    TaskActivation task =
        TaskActivation.newBuilder()
            .setId("a")
            .setParametersBytes(ByteString.copyFrom(new byte[bytes]))
            .build();

    Answer answer = push(calling(workers), task.toByteArray());

    assertThat(answer).isInstanceOf(Answer.Accepted.class);
    assertThat(workers.take().body())
        .isEqualTo(PushTaskRequest.newBuilder().setTask(task).build().toByteArray());
  }

  @Test
  @DisplayName("8.1 push: busy")
  void resourceExhausted_meansBusy() throws Exception {
    assertThat(answerTo(Status.RESOURCE_EXHAUSTED.withDescription("worker busy")))
        .isInstanceOf(Answer.Busy.class);
  }

  @Test
  @DisplayName("8.1 push: a wrong signature is a definite no")
  void unauthenticated_isARefusal() throws Exception {
    assertThat(answerTo(Status.UNAUTHENTICATED.withDescription("Authentication failed")))
        .isEqualTo(new Answer.Refused("UNAUTHENTICATED: Authentication failed"));
  }

  @ParameterizedTest
  @DisplayName("Ours: an error about this task leaves open whether a worker has it")
  @EnumSource(
      value = Status.Code.class,
      names = {
        "UNKNOWN",
        "INTERNAL",
        "ABORTED",
        "DATA_LOSS",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "OUT_OF_RANGE"
      })
  void anErrorAboutThisTask_isAFailure(Status.Code code) throws Exception {
    assertThat(answerTo(code.toStatus().withDescription("it broke")))
        .isEqualTo(new Answer.Failed(code + ": it broke"));
  }

  @ParameterizedTest
  @DisplayName("8.1 push: unavailable, or anything else that a proxy may say, leaves it open")
  @EnumSource(
      value = Status.Code.class,
      names = {
        "UNAVAILABLE",
        "CANCELLED",
        "DEADLINE_EXCEEDED",
        "UNIMPLEMENTED",
        "PERMISSION_DENIED",
        "FAILED_PRECONDITION"
      })
  void anAnswerThatLeavesItOpen_isUnknown(Status.Code code) throws Exception {
    assertThat(answerTo(code.toStatus().withDescription("upstream reset")))
        .isEqualTo(new Answer.Unknown(code + ": upstream reset"));
  }

  @ParameterizedTest
  @CsvSource({
    "RESOURCE_EXHAUSTED, Received message larger than max (11000000 vs. 10485760)",
    "RESOURCE_EXHAUSTED, SERVER: Received message larger than max (11000000 vs. 10485760)",
    "RESOURCE_EXHAUSTED, grpc: received message larger than max (11000000 vs. 10485760)",
    "RESOURCE_EXHAUSTED, gRPC message exceeds maximum size 10485760: 11000000",
    "OUT_OF_RANGE, 'Error, decoded message length too large: found 11, the limit is: 10 bytes'",
    "INTERNAL, Exception deserializing request!",
    "INTERNAL, failed to decode Protobuf message: invalid wire type value: 7",
  })
  void whatNoWorkerCanTake_isUndeliverable(Status.Code code, String text) throws Exception {
    assertThat(answerTo(code.toStatus().withDescription(text)))
        .isEqualTo(new Answer.Undeliverable(code + ": " + text));
  }

  @Test
  void aRealWorkersLimit_isUndeliverable() throws Exception {
    CalledWorkers workers = keep(new CalledWorkers(0, 1_000, _ -> Status.OK));

    assertThat(push(calling(workers), new byte[2_000])).isInstanceOf(Answer.Undeliverable.class);
  }

  @Test
  void whatIsAboveOurOwnLimit_isUndeliverableUnsent() throws Exception {
    CalledWorkers workers = workers(Status.OK);
    GrpcWorkers calling = calling(workers.address(), 1_000, TIMEOUT);

    assertThat(push(calling, new byte[998])).isInstanceOf(Answer.Undeliverable.class);
    assertThat(push(calling, new byte[997])).isInstanceOf(Answer.Accepted.class);
    assertThat(workers.take().body()).hasSize(1_000);
  }

  // ---------------------------------------------------------------- connections

  @Test
  @DisplayName("8.1 push: recover")
  void workersThatAreAway_refuse_andAreCalledOnceTheyAreBack() throws Exception {
    InetSocketAddress place = OwnLoopback.at(1);
    GrpcWorkers calling =
        calling(new WorkerAddress(place.getHostString(), place.getPort()), LIMIT, TIMEOUT);

    Answer away = push(calling, new byte[10]);
    Answer stillAway = push(calling, new byte[10]);
    CalledWorkers workers = keep(CalledWorkers.at(place));

    assertThat(away)
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            refused -> assertThat(refused.reason()).contains("Connection refused"));
    assertThat(stillAway).isEqualTo(away);
    Answer back = push(calling, new byte[10]);
    while (back.equals(away)) {
      back = push(calling, new byte[10]); // gRPC may not have noted yet that its last try failed
    }
    assertThat(back).isInstanceOf(Answer.Accepted.class);
    assertThat(workers.take().body()).hasSize(12);
  }

  @Test
  @DisplayName("8.1 push: timeout")
  void aWorkerThatHangs_leavesItOpen() throws Exception {
    CalledWorkers workers = keep(new CalledWorkers(0, LIMIT, _ -> null));
    GrpcWorkers calling = calling(workers.address(), LIMIT, Duration.ofMillis(200));

    Answer answer = push(calling, new byte[10]);
    while (answer.equals(new Answer.Refused("no connection within PT0.2S"))) {
      answer = push(calling, new byte[10]); // a busy machine may take longer to make one
    }

    assertThat(answer).isEqualTo(new Answer.Unknown("no answer within PT0.2S"));
  }

  @Test
  void aConnectionLostAfterTheTaskWasSent_leavesItOpen() throws Exception {
    CalledWorkers workers = keep(new CalledWorkers(0, LIMIT, _ -> null));
    GrpcWorkers calling = calling(workers);
    CompletableFuture<Answer> answer = begin(calling, new byte[10]);
    workers.take();

    workers.close();

    assertThat(answer.get(1, TimeUnit.MINUTES)).isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void aPeerThatSpeaksSomethingElse_refusesSinceNothingWasSent() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread web =
          Thread.ofVirtual()
              .name("web")
              .start(
                  () -> {
                    try (Socket socket = server.accept();
                        InputStream in = socket.getInputStream()) {
                      in.readNBytes(24);
                      socket.getOutputStream().write(NOT_HTTP_2);
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      GrpcWorkers calling =
          calling(new WorkerAddress("127.0.0.1", server.getLocalPort()), LIMIT, TIMEOUT);

      assertThat(push(calling, new byte[10])).isInstanceOf(Answer.Refused.class);
      web.join();
    }
  }

  @Test
  void anApplicationWithoutWorkers_isTheCallersMistake() throws Exception {
    GrpcWorkers calling = calling(workers(Status.OK));

    assertThat(calling.applications()).containsExactly(SHOP);
    assertThatThrownBy(() -> calling.push("bank", connection(calling), delivered(new byte[1])))
        .hasMessageContaining("bank");
  }

  @Test
  void afterTheEnd_everythingIsRefused() throws Exception {
    GrpcWorkers calling = calling(workers(Status.OK));
    connection(calling);
    calling.close();

    assertThat(push(calling, new byte[1])).isInstanceOf(Answer.Refused.class);
  }

  // ---------------------------------------------------------------- health

  @ParameterizedTest
  @CsvSource({"SERVING, SERVING", "NOT_SERVING, NOT_SERVING", "SERVICE_UNKNOWN, NO_SERVICE"})
  void theHealthService_isAsked(ServingStatus says, Health means) throws Exception {
    CalledWorkers workers = workers(Status.OK);
    workers.health(says);

    assertThat(health(calling(workers))).isEqualTo(means);
  }

  @Test
  void workersWithoutAHealthService_saySo() throws Exception {
    assertThat(health(calling(keep(CalledWorkers.withoutHealth(Status.OK)))))
        .isEqualTo(Health.NO_SERVICE);
  }

  @Test
  void workersThatAreAway_areSilent() throws Exception {
    InetSocketAddress place = OwnLoopback.at(1);
    GrpcWorkers calling =
        calling(new WorkerAddress(place.getHostString(), place.getPort()), LIMIT, TIMEOUT);

    assertThat(ask(calling)).isEqualTo(Health.SILENT);
  }

  /** What they say; they are asked again while they have been too slow on a busy machine. */
  private static Health health(GrpcWorkers calling) throws Exception {
    Health health = ask(calling);
    while (health == Health.SILENT) {
      health = ask(calling);
    }
    return health;
  }

  private static Health ask(GrpcWorkers calling) throws Exception {
    return calling.health(SHOP, connection(calling)).toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  // ---------------------------------------------------------------- signatures

  @Test
  @DisplayName("8.1 signatures: pushes are signed with the first secret")
  void pushes_areSignedWithTheFirstSecret() throws Exception {
    CalledWorkers workers = keep(new CalledWorkers(0, LIMIT, CalledWorkers.checking("new")));

    assertThat(push(calling(workers, "new", "old"), new byte[3_000]))
        .isInstanceOf(Answer.Accepted.class);
    assertThat(push(calling(workers, "old", "new"), new byte[3_000]))
        .isEqualTo(new Answer.Refused("UNAUTHENTICATED: Authentication failed"));
    assertThat(push(calling(workers), new byte[3_000]))
        .isEqualTo(new Answer.Refused("UNAUTHENTICATED: Authentication failed"));
  }

  @Test
  @DisplayName("8.1 signatures: with the second secret, keys rotate without a refused push")
  void secrets_canBeRotated() throws Exception {
    CalledWorkers before = keep(new CalledWorkers(0, LIMIT, CalledWorkers.checking("old", "new")));
    CalledWorkers after = keep(new CalledWorkers(0, LIMIT, CalledWorkers.checking("new")));

    assertThat(push(calling(before, "old"), new byte[1])).isInstanceOf(Answer.Accepted.class);
    assertThat(push(calling(before, "new", "old"), new byte[1]))
        .isInstanceOf(Answer.Accepted.class);
    assertThat(push(calling(after, "new"), new byte[1])).isInstanceOf(Answer.Accepted.class);
  }

  @Test
  void withoutSecrets_nothingIsSigned() throws Exception {
    CalledWorkers workers = workers(Status.OK);

    push(calling(workers), new byte[1]);

    assertThat(workers.take().signature()).isNull();
  }

  // ---------------------------------------------------------------- fixture

  private Answer answerTo(Status status) throws Exception {
    return push(calling(workers(status)), new byte[10]);
  }

  private CalledWorkers workers(Status status) throws IOException {
    return keep(CalledWorkers.answering(status));
  }

  private GrpcWorkers calling(CalledWorkers workers, String... secrets) {
    return calling(workers.address(), LIMIT, TIMEOUT, secrets);
  }

  private GrpcWorkers calling(
      WorkerAddress address, int limit, Duration timeout, String... secrets) {
    return keep(
        new GrpcWorkers(
            new GrpcWorkersSettings(Map.of(SHOP, address), 1, limit, timeout, List.of(secrets)),
            TestServer.TIME));
  }

  private <T extends AutoCloseable> T keep(T one) {
    open.add(one);
    return one;
  }

  private static Answer push(GrpcWorkers calling, byte[] payload) throws Exception {
    return begin(calling, payload).get(2, TimeUnit.MINUTES);
  }

  private static CompletableFuture<Answer> begin(GrpcWorkers calling, byte[] payload) {
    return calling.push(SHOP, connection(calling), delivered(payload)).toCompletableFuture();
  }

  private static WorkerConnection connection(GrpcWorkers calling) {
    return CalledWorkers.connections(calling, SHOP, 1).getFirst();
  }

  private static Delivered delivered(byte[] payload) {
    var activation = Activations.pending("a").application(SHOP).arriving().activation();
    return new Delivered(new Claim(1, 1, activation, 0, RetryOverride.NONE, null), payload);
  }
}
