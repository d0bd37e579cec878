package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.dispatch.Refusals;
import io.taskbroker.domain.Delivery;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {
  private static final String GET_TASK = "/sentry_protos.taskbroker.v1.ConsumerService/GetTask";
  private static final GetTaskRequest ANY = GetTaskRequest.getDefaultInstance();

  /** Of the empty request, with the first secret: computed elsewhere. */
  private static final String KNOWN =
      "402430dc4ee2940bed96d6f40d1a92ab43de2bd3fb21ac978b670208108570a0";

  private final TestServer broker = new TestServer("super secret", "second extra secret");

  @AfterEach
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({
    "super secret, /sentry_protos.taskbroker.v1.WorkerService/PushTask, hello,"
        + " cfdf2c4d2efd3a2d28bd10de6471ef352d03f49d2d3bd880ee7051ea39fbe239",
    "super secret, /rpc/service/method, A request data that is 38 bytes long..,"
        + " 37d55d47d6dc63a9456b69d57c7affdbd15e7890147233c1b6e502f53f4d11e2",
    "second extra secret, /rpc/service/method, A request data that is 38 bytes long..,"
        + " 2610fd70376a0fbe96ed84e00268ee2824b8814e4bd9f086a845fa77e3380e2b",
    "super secret, " + GET_TASK + ", '', " + KNOWN,
    "a long secret value, "
        + GET_TASK
        + ", '\u0012\u0006sentry',"
        + " 556b2e74f2d5a1d0134b1f803c9bfaa8467bbd8e4cb510a9856c5e2ef2b66a21",
  })
  @DisplayName("19.33: the vectors of other programs")
  void signaturesOfOthers_areUnderstoodAndMade(
      String secret, String path, String body, String hex) {
    assertThat(objection(List.of(secret), path, body, hex)).isNull();
    assertThat(objection(List.of("other", secret), path, body, hex)).isNull();
    assertThat(objection(List.of("other"), path, body, hex)).isNotNull();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    assertThat(new Signatures(List.of(secret, "other")).sign(path, List.of(bytes))).isEqualTo(hex);
  }

  @Test
  void workersThatAllHaveAnotherSecret_areAStandstill_untilOneHasOurs() {
    var stalls = new Stalls(TestServer.TIME);
    String wrong = signature("their secret", GET_TASK, new byte[0]);
    for (int call = 0; call < 3; call++) {
      assertThat(getTask(wrong)).isEqualTo(refusal());
    }

    broker.refusals().look(stalls);

    assertThat(stalls.current().get(Refusals.WHAT))
        .startsWith(
            "3 calls in a row were refused for their signature; the last came from 127.0.0.1:")
        .endsWith("its signature fits none of our secrets");
    broker.add("a");
    assertThat(getTask(KNOWN)).isEqualTo("a");
    broker.refusals().look(stalls);
    assertThat(stalls.current()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"super secret", "second extra secret"})
  @DisplayName("19.33, 8.1 signatures: the second secret of the list is accepted")
  void anySecretOfTheList_letsIn(String secret) {
    broker.add("a");

    assertThat(getTask(signature(secret, GET_TASK, new byte[0]))).isEqualTo("a");
  }

  @Test
  void digits_mayBeOfEitherCase() {
    broker.add("a");

    assertThat(getTask(KNOWN.toUpperCase(Locale.ROOT))).isEqualTo("a");
  }

  @Test
  void body_isCoveredByTheSignature() {
    broker.add("a");
    var request = GetTaskRequest.newBuilder().setApplication("shop").build();
    String signature = signature("super secret", GET_TASK, request.toByteArray());

    assertThat(getTask(signature)).isEqualTo(refusal());
    assertThat(broker.worker(headers(signature)).getTask(request).getTask().getId()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not hex at all",
        "zz2430dc4ee2940bed96d6f40d1a92ab43de2bd3fb21ac978b670208108570a0",
        "402430dc4ee2940bed96d6f40d1a92ab43de2bd3fb21ac978b670208108570",
        "402430dc4ee2940bed96d6f40d1a92ab43de2bd3fb21ac978b670208108570a000",
        "402430dc4ee2940bed96d6f40d1a92ab43de2bd3fb21ac978b670208108570a1",
        "0000000000000000000000000000000000000000000000000000000000000000"
      })
  @DisplayName("19.33, 8.1 signatures: empty, not hex, or wrong")
  void wrongSignatures_areRefused(String signature) {
    broker.add("a");

    assertThat(getTask(signature)).isEqualTo(refusal());
    assertThat(broker.store.due()).containsExactly("a");
  }

  @Test
  @DisplayName("19.33, 8.1 signatures: missing")
  void missingSignature_isRefused() {
    assertThat(getTask(new Metadata())).isEqualTo(refusal());
  }

  @Test
  @DisplayName("19.33: made for another path")
  void signatureForAnotherPath_isRefused() {
    String other = GET_TASK.replace("GetTask", "SetTaskStatus");

    assertThat(getTask(signature("super secret", other, new byte[0]))).isEqualTo(refusal());
  }

  @Test
  void signatureWithAnUnknownSecret_isRefused() {
    assertThat(getTask(signature("guess", GET_TASK, new byte[0]))).isEqualTo(refusal());
  }

  @Test
  void onlyTheFirstHeader_counts() {
    broker.add("a");
    Metadata wrongFirst = headers("00");
    wrongFirst.put(Signatures.HEADER, KNOWN);
    Metadata rightFirst = headers(KNOWN);
    rightFirst.put(Signatures.HEADER, "00");

    assertThat(getTask(wrongFirst)).isEqualTo(refusal());
    assertThat(getTask(rightFirst)).isEqualTo("a");
  }

  @Test
  void reports_needASignatureToo() {
    var report =
        SetTaskStatusRequest.newBuilder()
            .setId("x")
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .build();

    Status status = statusOf(() -> broker.worker().setTaskStatus(report));

    assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(broker.store.reports()).isEmpty();
  }

  @Test
  @DisplayName("19.33, 8.1 signatures: health needs none")
  void health_needsNoSignature() {
    var health = HealthGrpc.newBlockingStub(broker.connect());

    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void tooLargeARequest_isRefusedBeforeItsSignatureIsRead() {
    var request = GetTaskRequest.newBuilder().setApplication("x".repeat(4 * 1024 * 1024)).build();

    Status status = statusOf(() -> broker.worker().getTask(request));

    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  @DisplayName("19.33: without secrets nothing is checked")
  void noSecrets_letEverybodyIn() {
    try (var open = new TestServer()) {
      open.add("a", "shop", Delivery.AT_LEAST_ONCE, 1);

      assertThat(open.worker(headers("nonsense")).getTask(ANY).getTask().getId()).isEqualTo("a");
    }
  }

  private static String refusal() {
    return "UNAUTHENTICATED: Authentication failed";
  }

  private String getTask(String signature) {
    return getTask(headers(signature));
  }

  private String getTask(Metadata headers) {
    String[] id = new String[1];
    Status status = statusOf(() -> id[0] = broker.worker(headers).getTask(ANY).getTask().getId());
    return status.isOk() ? id[0] : status.getCode() + ": " + status.getDescription();
  }

  private static Status statusOf(Runnable call) {
    try {
      call.run();
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  private static @Nullable String objection(
      List<String> secrets, String path, String body, String signature) {
    return new Signatures(secrets)
        .objection(headers(signature), path, body.getBytes(StandardCharsets.UTF_8));
  }

  private static Metadata headers(String signature) {
    var headers = new Metadata();
    headers.put(Signatures.HEADER, signature);
    return headers;
  }

  private static String signature(String secret, String path, byte[] body) {
    return hmac(secret.getBytes(StandardCharsets.UTF_8), path, body);
  }

  private static String hmac(byte[] key, String path, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((path + ":").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
