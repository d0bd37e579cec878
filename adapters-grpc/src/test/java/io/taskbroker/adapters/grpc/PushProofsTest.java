package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the frames of a connection prove about a task that was sent over it, and what they do not.
 */
class PushProofsTest {
  private static final String SHOP = "shop";
  private static final int LIMIT = 1_000;
  private static final int REFUSED_STREAM = 7;

  private int requests;

  @Test
  @DisplayName("Ours: REFUSED_STREAM proves that no worker has it")
  void aRefusedStream_isANo() throws Exception {
    Answer answer = push(stream -> List.of(RawWorker.reset(stream, REFUSED_STREAM)));

    assertThat(answer).isInstanceOf(Answer.Refused.class);
    assertThat(requests).as("the connection itself may try once more").isBetween(1, 2);
  }

  @ParameterizedTest
  @DisplayName("Ours: any other reset leaves it open")
  @ValueSource(ints = {0, 1, 2, 3, 5, 8, 11, 13})
  void anyOtherReset_leavesItOpen(int code) throws Exception {
    assertThat(push(stream -> List.of(RawWorker.reset(stream, code))))
        .isInstanceOf(Answer.Unknown.class);
    assertThat(requests).isEqualTo(1);
  }

  @ParameterizedTest
  @DisplayName("Ours: a GOAWAY below the stream proves that no worker has it")
  @ValueSource(ints = {0, 11})
  void aGoAwayBelowTheStream_isANo(int code) throws Exception {
    assertThat(push(_ -> List.of(RawWorker.goAway(0, code)))).isInstanceOf(Answer.Refused.class);
  }

  @Test
  void aGoAwayThatCoversTheStream_leavesItOpen() throws Exception {
    Answer answer =
        push(stream -> List.of(RawWorker.goAway(stream, 0), RawWorker.reset(stream, 8)));

    assertThat(answer).isInstanceOf(Answer.Unknown.class);
    assertThat(requests).isEqualTo(1);
  }

  @Test
  void aConnectionThatIsCut_leavesItOpen() throws Exception {
    assertThat(push(_ -> null)).isInstanceOf(Answer.Unknown.class);
    assertThat(requests).isEqualTo(1);
  }

  @Test
  @DisplayName("Ours: UNAVAILABLE in trailers leaves it open, as proxies say so afterwards, too")
  void unavailableInTrailers_leavesItOpen() throws Exception {
    assertThat(push(stream -> List.of(trailers(stream, "14"))))
        .isEqualTo(new Answer.Unknown("UNAVAILABLE"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"404", "429", "431", "502", "503", "504"})
  void anAnswerThatIsNotOfGrpc_leavesItOpen(String status) throws Exception {
    Answer answer =
        push(
            stream ->
                List.of(
                    RawWorker.headers(
                        stream, true, ":status", status, "content-type", "text/html")));

    assertThat(answer).isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void trailersThatAreTooLarge_leaveItOpen() throws Exception {
    Answer answer =
        push(
            stream ->
                List.of(
                    RawWorker.headers(
                        stream,
                        true,
                        ":status",
                        "200",
                        "content-type",
                        "application/grpc",
                        "grpc-status",
                        "14",
                        "x-large",
                        "x".repeat(12_000))));

    assertThat(answer).isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void aResponseThatIsTooLarge_leavesItOpen() throws Exception {
    Answer answer =
        push(
            stream ->
                List.of(
                    responseHeaders(stream),
                    RawWorker.message(stream, 2 * LIMIT),
                    RawWorker.headers(stream, true, "grpc-status", "0")));

    assertThat(answer).isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void aWorkerThatAnswersTwice_hasItOnce() throws Exception {
    Answer answer =
        push(
            stream ->
                List.of(
                    responseHeaders(stream),
                    RawWorker.message(stream, 0),
                    RawWorker.message(stream, 0),
                    RawWorker.headers(stream, true, "grpc-status", "0")));

    assertThat(answer).isInstanceOf(Answer.Accepted.class);
    assertThat(requests).isEqualTo(1);
  }

  private static byte[] responseHeaders(int stream) {
    return RawWorker.headers(stream, false, ":status", "200", "content-type", "application/grpc");
  }

  private static byte[] trailers(int stream, String status) {
    return RawWorker.headers(
        stream, true, ":status", "200", "content-type", "application/grpc", "grpc-status", status);
  }

  private Answer push(RawWorker.Reply reply) throws Exception {
    try (var worker = new RawWorker(reply);
        var calling =
            new GrpcWorkers(
                new GrpcWorkersSettings(
                    Map.of(SHOP, worker.address()), 1, LIMIT, Duration.ofMinutes(1), List.of()),
                TestServer.TIME)) {
      WorkerConnection over = CalledWorkers.connections(calling, SHOP, 1).getFirst();
      Answer answer =
          calling.push(SHOP, over, delivered()).toCompletableFuture().get(2, TimeUnit.MINUTES);
      requests = worker.requests();
      return answer;
    }
  }

  private static Delivered delivered() {
    var activation = Activations.pending("a").application(SHOP).arriving().activation();
    return new Delivered(new Claim(1, 1, activation, 0, RetryOverride.NONE, null), new byte[10]);
  }
}
