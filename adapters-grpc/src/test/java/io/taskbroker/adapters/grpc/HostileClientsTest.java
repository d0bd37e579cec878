package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.taskbroker.proto.v1.GetTaskRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileClientsTest {
  private static final String INTERNAL = code(Status.INTERNAL);
  private static final byte[] NOTHING = {};
  private static final Map<String, String> PLAIN = Map.of();
  private static final GrpcServerLimits IMPATIENT =
      GrpcServerLimits.DEFAULT.with(
          new GrpcServerLimits.Connections(
              10,
              0,
              10,
              8,
              Duration.ofMillis(100),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1)));

  private final TestServer broker = new TestServer();

  @AfterEach
  void theOthersAreServedAllTheSame() {
    broker.add("still here");
    assertThat(broker.worker().getTask(GetTaskRequest.getDefaultInstance()).getTask().getId())
        .isEqualTo("still here");
    broker.close();
  }

  @Test
  void wellFormedCall_isAnswered() throws Exception {
    assertThat(answerTo(RawConnection.message(0, 0, NOTHING))).isEqualTo(code(Status.NOT_FOUND));
  }

  @Test
  void bytesThatAreNoRequest_areAnInternalError() throws Exception {
    byte[] garbage = HexFormat.of().parseHex("ffffffff");

    assertThat(answerTo(RawConnection.message(0, 4, garbage))).isEqualTo(INTERNAL);
  }

  @Test
  void callWithoutARequest_isAnInternalError() throws Exception {
    assertThat(answerTo(NOTHING)).isEqualTo(INTERNAL);
  }

  @Test
  void secondRequestInACall_endsIt() throws Exception {
    byte[] twice = new byte[10];

    assertThat(answerTo(twice)).isIn(INTERNAL, "reset");
  }

  @Test
  void messageCutShort_isAnsweredWithAStatus() throws Exception {
    assertThat(answerTo(RawConnection.message(0, 100, new byte[10]))).isEqualTo(INTERNAL);
    assertThat(answerTo(new byte[] {0, 0, 0})).isEqualTo(INTERNAL);
  }

  @Test
  void impossibleFlags_areAnsweredWithAStatus() throws Exception {
    assertThat(answerTo(RawConnection.message(0xfe, 0, NOTHING))).isEqualTo(INTERNAL);
  }

  @Test
  void compressedMessageWithoutAnEncoding_isAnsweredWithAStatus() throws Exception {
    assertThat(answerTo(RawConnection.message(1, 0, NOTHING))).isEqualTo(INTERNAL);
  }

  @Test
  void compression_isNotOffered() throws Exception {
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.open(1, Map.of("grpc-encoding", "gzip"));
      connection.finish(1, RawConnection.message(0, 0, NOTHING));

      assertThat(connection.statusOf(1)).isEqualTo(code(Status.UNIMPLEMENTED));
    }
  }

  @Test
  void identityEncoding_isUnderstood() throws Exception {
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.open(1, Map.of("grpc-encoding", "identity"));
      connection.finish(1, RawConnection.message(0, 0, NOTHING));

      assertThat(connection.statusOf(1)).isEqualTo(code(Status.NOT_FOUND));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4 * 1024 * 1024 + 1, Integer.MAX_VALUE, -1})
  void hugeMessage_isRefusedByWhatItSaysOfItself(int length) throws Exception {
    assertThat(answerTo(RawConnection.message(0, length, new byte[1_000])))
        .isIn(code(Status.RESOURCE_EXHAUSTED), INTERNAL);
  }

  @Test
  void messageOfFourMebibytes_isStillRead() {
    var request = GetTaskRequest.newBuilder().setApplication("x".repeat(4 * 1024 * 1024 - 5));

    assertThat(request.build().getSerializedSize()).isEqualTo(4 * 1024 * 1024);
    assertThatThrownBy(() -> broker.worker().getTask(request.build()))
        .hasMessageContaining("NOT_FOUND");
  }

  @Test
  void otherContentType_isNoCall() throws Exception {
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.open(1, Map.of("content-type", "text/html"));
      connection.finish(1, NOTHING);

      assertThat(connection.statusOf(1)).isEqualTo("no grpc-status");
    }
  }

  @Test
  void otherProtocols_areHungUpOn() throws Exception {
    try (var connection = new RawConnection(broker.server.port())) {
      connection.send("GET / HTTP/1.1\r\nHost: broker\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(connection.statusOf(1)).isEqualTo("closed");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 24})
  void whoDoesNotGreetInTime_isHungUpOn(int bytesOfTheGreeting) throws Exception {
    try (var impatient = new TestServer(IMPATIENT);
        var connection = new RawConnection(impatient.server.port())) {
      connection.send(RawConnection.PREFACE, bytesOfTheGreeting);

      assertThat(connection.statusOf(1)).isEqualTo("closed");
    }
  }

  @Test
  void openCallsOfAConnection_areLimited() throws Exception {
    Runnable resume = broker.store.pause();
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.awaitSettings();
      for (int stream = 1; stream <= 2 * 257 - 1; stream += 2) {
        connection.open(stream, PLAIN);
        connection.finish(stream, RawConnection.message(0, 0, NOTHING));
      }

      assertThat(connection.statusOf(2 * 257 - 1)).isEqualTo("reset");
    }
    resume.run();
    // Behind those calls in the store: none of them is left to take what the others ask for.
    assertThatThrownBy(() -> broker.worker().getTask(GetTaskRequest.getDefaultInstance()))
        .hasMessageContaining("NOT_FOUND");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noise_harmsNobody(long seed) throws Exception {
    var random = new Random(seed);
    try (var connection = new RawConnection(broker.server.port())) {
      if (random.nextBoolean()) {
        connection.greet();
      }
      if (random.nextBoolean()) {
        connection.open(1, PLAIN);
      }
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      connection.send(noise);
    }
  }

  private String answerTo(byte[] data) throws Exception {
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.open(1, PLAIN);
      connection.finish(1, data);
      return connection.statusOf(1);
    }
  }

  private static String code(Status status) {
    return Integer.toString(status.getCode().value());
  }
}
