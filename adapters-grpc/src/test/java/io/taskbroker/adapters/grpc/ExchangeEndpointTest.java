package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.proto.exchange.v1.Answer;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.Extension;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.Verdict;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc.WorkerExchangeBlockingStub;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that name attempts, over real sockets and a real store. */
@Timeout(120)
class ExchangeEndpointTest {
  private static final Marshaller<byte[]> RAW = Marshallers.BYTES;

  private final BrokerFixture broker = BrokerFixture.start();
  private GrpcServer server;
  private ManagedChannel channel;

  @BeforeEach
  void listen() {
    serve(List.of());
  }

  private void serve(List<String> secrets) {
    var health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
    server =
        new GrpcServer(
                new GrpcServerSettings("127.0.0.1", 0, secrets),
                GrpcServerLimits.DEFAULT,
                broker.broker().dispatch(),
                broker.broker().exchange(),
                health,
                broker.time())
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  private void stopServing() {
    channel.shutdownNow();
    server.close();
  }

  @AfterEach
  void close() {
    stopServing();
    broker.close();
  }

  private WorkerExchangeBlockingStub worker() {
    return WorkerExchangeGrpc.newBlockingStub(channel);
  }

  private Attempt take(String id) {
    broker.produce(Activations.pending(id));
    Delivered task = broker.take();
    return Attempt.newBuilder().setId(id).setToken(task.claim().token()).build();
  }

  private Answer handBack(Attempt attempt) {
    return only(worker().handBack(HandBackRequest.newBuilder().addAttempts(attempt).build()));
  }

  private Answer extend(Attempt attempt, long millis) {
    return only(worker().extend(extension(attempt, millis)));
  }

  private static ExtendRequest extension(Attempt attempt, long millis) {
    return ExtendRequest.newBuilder()
        .addExtensions(
            Extension.newBuilder()
                .setId(attempt.getId())
                .setToken(attempt.getToken())
                .setForMillis(millis))
        .build();
  }

  private static Answer only(Answers answers) {
    assertThat(answers.getAnswersCount()).isEqualTo(1);
    return answers.getAnswers(0);
  }

  @Test
  void handBack_letsTheNextWorkerHaveTheTask() {
    Attempt attempt = take("a");

    Answer answer = handBack(attempt);

    assertThat(answer.getVerdict()).isEqualTo(Verdict.VERDICT_RECORDED);
    assertThat(answer.getId()).isEqualTo("a");
    assertThat(answer.getToken()).isEqualTo(attempt.getToken());
    Delivered again = broker.take();
    assertThat(again.claim().attempts()).isZero();
    assertThat(handBack(attempt).getVerdict()).isEqualTo(Verdict.VERDICT_SUPERSEDED);
    assertThat(broker.report(again, Conclusion.COMPLETE)).isTrue();
  }

  @Test
  void handBack_answersEachInItsOrder() {
    Attempt a = take("a");
    Attempt b = take("b");
    Attempt unknown = Attempt.newBuilder().setId("c").setToken(a.getToken()).build();
    Attempt crossed = Attempt.newBuilder().setId("b").setToken(a.getToken()).build();

    Answers answers =
        worker()
            .handBack(
                HandBackRequest.newBuilder()
                    .addAttempts(unknown)
                    .addAttempts(a)
                    .addAttempts(crossed)
                    .addAttempts(b)
                    .build());

    assertThat(answers.getAnswersList())
        .extracting(Answer::getVerdict)
        .containsExactly(
            Verdict.VERDICT_UNKNOWN,
            Verdict.VERDICT_RECORDED,
            Verdict.VERDICT_SUPERSEDED,
            Verdict.VERDICT_RECORDED);
  }

  @Test
  void extend_grantsTime_alsoToThoseWhoAskForTooMuch() {
    Attempt attempt = take("a");

    assertThat(extend(attempt, 60_000).getGrantedMillis()).isEqualTo(60_000);
    assertThat(extend(attempt, -1).getGrantedMillis()).isEqualTo(3_600_000);
    assertThat(extend(attempt, 0).getGrantedMillis()).isEqualTo(3_600_000);
  }

  @Test
  void nothingToSayIsAnsweredWithNothing() {
    assertThat(worker().handBack(HandBackRequest.getDefaultInstance()).getAnswersCount()).isZero();
  }

  @Test
  void tooMuchAtOnceIsRefused() {
    HandBackRequest.Builder many = HandBackRequest.newBuilder();
    for (int i = 0; i <= Exchange.MOST_NEWS; i++) {
      many.addAttempts(Attempt.newBuilder().setId("a").setToken(i));
    }

    assertThatThrownBy(() -> worker().handBack(many.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal ->
                assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @Test
  void requestsHaveToBeSigned_whereSecretsAreSet() {
    stopServing();
    serve(List.of("a secret"));

    assertThatThrownBy(() -> handBack(take("a")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal ->
                assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
  }

  @Test
  void aWorkerThatKnowsLongPollIsToldTheToken() {
    broker.produce(Activations.pending("a"));
    broker.await("it to be stored", () -> broker.broker().vitals().depths().pending() == 1);
    var wish = new Metadata();
    wish.put(LongPoll.WAIT, "0");
    var trailers = new AtomicReference<Metadata>();
    var headers = new AtomicReference<Metadata>();

    byte[] task =
        ClientCalls.blockingUnaryCall(
            ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(wish),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)),
            ConsumerServiceGrpc.getGetTaskMethod().toBuilder(RAW, RAW).build(),
            CallOptions.DEFAULT,
            GetTaskRequest.getDefaultInstance().toByteArray());

    assertThat(task).isNotEmpty();
    long token = Long.parseUnsignedLong(trailers.get().get(LongPoll.TOKEN));
    Attempt attempt = Attempt.newBuilder().setId("a").setToken(token).build();
    assertThat(handBack(attempt).getVerdict()).isEqualTo(Verdict.VERDICT_RECORDED);
  }
}
