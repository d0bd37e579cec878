package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.operations.Order;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.proto.exchange.v1.Answer;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.Draining;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.HeldAttempt;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Holding;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.OutcomeStatus;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.Verdict;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers that are attached by a stream, over real sockets and a real store. */
@Timeout(120)
class ExchangeCallTest {
  private static final long PLENTY = 1 << 20;

  private final BrokerFixture broker = BrokerFixture.start();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private GrpcServer server;

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
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private void stopServing() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
  }

  @AfterEach
  void close() {
    stopServing();
    broker.close();
  }

  private void store(Activations... tasks) {
    broker.broker().plant(Stream.of(tasks).map(Activations::arriving).toList());
  }

  private AttachedWorker attach() throws InterruptedException {
    return attach(connect());
  }

  private static AttachedWorker attach(ManagedChannel channel) throws InterruptedException {
    AttachedWorker worker = AttachedWorker.of(channel);
    assertThat(worker.next().hasHeld()).isTrue();
    return worker;
  }

  private static Verdict verdict(BrokerFrame frame) {
    assertThat(frame.getAnswers().getAnswersCount()).isEqualTo(1);
    return frame.getAnswers().getAnswers(0).getVerdict();
  }

  // ---------------------------------------------------------------- tasks and credit

  @Test
  void tasksComeAsFarAsTheCreditGoes() throws InterruptedException {
    store(Activations.pending("1"), Activations.pending("2"), Activations.pending("3"));
    AttachedWorker worker = attach();

    worker.credit(2, PLENTY);
    List<Task> tasks = worker.tasks(2);
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);
    worker.complete("1", tasks.getFirst().getToken());
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);

    worker.credit(5, 0);
    worker.tasks(1);
    assertThat(broker.broker().vitals().depths().processing()).isEqualTo(2);
  }

  @Test
  void bytesOfCreditHoldTasksBack_butNotTheOnlyOne() throws InterruptedException {
    store(
        Activations.pending("1").payload(new byte[700]),
        Activations.pending("2").payload(new byte[700]),
        Activations.pending("3").payload(new byte[700]));
    AttachedWorker worker = attach();

    worker.credit(10, 1_000);
    List<Task> first = worker.tasks(2); // the second exceeds what was left, and is the last
    assertThat(first).hasSize(2);
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);

    worker.complete("1", first.get(0).getToken());
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    worker.complete("2", first.get(1).getToken());
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    worker.tasks(1); // it has nothing in hand
  }

  @Test
  void aWorkerThatWaitsIsGivenWhatArrives() throws InterruptedException {
    AttachedWorker worker = attach();
    worker.credit(3, PLENTY);

    broker.produce(Activations.pending("late"));

    Task task = worker.tasks(1).getFirst();
    assertThat(task.getToken()).isNotZero();
    assertThat(task.getDeadlineMillis()).isEqualTo(10_000);
    worker.complete("late", task.getToken());
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_RECORDED);
  }

  @Test
  void onlyTheNamespacesThatItNamesComeToAWorker() throws InterruptedException {
    store(
        Activations.pending("1").namespace("orders"),
        Activations.pending("2").namespace("stock"),
        Activations.pending("3").namespace("returns"));
    AttachedWorker worker =
        AttachedWorker.of(
            connect(),
            hello -> hello.setApplication("shop").addNamespaces("returns").addNamespaces("orders"));
    worker.credit(5, PLENTY);

    worker.tasks(2);

    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);
  }

  @Test
  void aTaskTooLargeForItsWorkerGoesToAnother() throws InterruptedException {
    store(Activations.pending("large").payload(new byte[5_000]));
    AttachedWorker small = AttachedWorker.of(connect(), hello -> hello.setMaxTaskBytes(1_000));
    small.credit(1, PLENTY);
    small.complete("unknown", 1);
    while (!small.next().hasAnswers()) {} // by then it has been asked, and has refused
    AttachedWorker large = attach();

    large.credit(1, PLENTY);

    assertThat(large.tasks(1)).hasSize(1);
  }

  @Test
  void manyTasksComeInFewFrames_andManyOutcomesGo() throws InterruptedException {
    int many = 500;
    store(
        Stream.iterate(0, i -> i + 1)
            .limit(many)
            .map(i -> Activations.pending("m" + i))
            .toArray(Activations[]::new));
    AttachedWorker worker = attach();
    worker.credit(many, PLENTY);
    List<Task> tasks = worker.tasks(many);

    Outcomes.Builder all = Outcomes.newBuilder();
    for (int i = 0; i < many; i++) {
      all.addOutcomesBuilder()
          .setId("m" + i)
          .setToken(tasks.get(i).getToken())
          .setStatus(OutcomeStatus.OUTCOME_STATUS_COMPLETE);
    }
    worker.say(WorkerFrame.newBuilder().setOutcomes(all).build());

    assertThat(worker.next().getAnswers().getAnswersList())
        .extracting(Answer::getVerdict)
        .hasSize(many)
        .containsOnly(Verdict.VERDICT_RECORDED);
    assertThat(broker.broker().vitals().depths().unfinished()).isZero();
  }

  // ---------------------------------------------------------------- broken streams

  @Test
  void aTaskOfABrokenStreamStaysWithItsWorker_whoGoesOnByAnother() throws InterruptedException {
    store(Activations.pending("a"), Activations.pending("b"));
    AttachedWorker first = attach();
    first.credit(1, PLENTY);
    Task task = first.tasks(1).getFirst();
    first.close();

    Attempt mine = Attempt.newBuilder().setId("a").setToken(task.getToken()).build();
    Attempt other = Attempt.newBuilder().setId("b").setToken(task.getToken()).build();
    Attempt gone = Attempt.newBuilder().setId("gone").setToken(1).build();
    AttachedWorker second =
        AttachedWorker.of(connect(), hello -> hello.addHeld(other).addHeld(mine).addHeld(gone));

    assertThat(second.next().getHeld().getAttemptsList())
        .extracting(HeldAttempt::getHolding)
        .containsExactly(Holding.HOLDING_SUPERSEDED, Holding.HOLDING_YOURS, Holding.HOLDING_OVER);
    second.complete("a", task.getToken());
    assertThat(verdict(second.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    assertThat(broker.broker().vitals().depths().processing()).isZero();
  }

  @Test
  void whatArrivesAfterAStreamBrokeGoesToTheNextWorker() throws InterruptedException {
    ManagedChannel both = connect(); // over which the broker hears of the end before the question
    AttachedWorker first = attach(both);
    first.credit(1, PLENTY);
    AttachedWorker second = attach(both);
    second.credit(1, PLENTY);
    first.close();
    second.complete("unknown", 1);
    assertThat(verdict(second.next())).isEqualTo(Verdict.VERDICT_UNKNOWN);

    broker.produce(Activations.pending("a"));

    assertThat(second.tasks(1)).hasSize(1);
  }

  @Test
  void aTaskThatIsHandedBackGoesToTheNextWorker() throws InterruptedException {
    store(Activations.pending("a"));
    AttachedWorker first = attach();
    first.credit(1, PLENTY);
    Task task = first.tasks(1).getFirst();

    first.handBack("a", task.getToken());

    assertThat(verdict(first.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    var again = broker.take();
    assertThat(again.claim().attempts()).isZero();
    first.complete("a", task.getToken());
    assertThat(verdict(first.next())).isEqualTo(Verdict.VERDICT_SUPERSEDED);
    assertThat(broker.report(again, Conclusion.COMPLETE)).isTrue();
  }

  @Test
  void aTaskThatAnOperatorCancels_isToBeLeft_andItsOutcomeChangesNothing()
      throws InterruptedException {
    store(Activations.pending("a"));
    AttachedWorker worker = attach();
    worker.credit(1, PLENTY);
    long token = worker.tasks(1).getFirst().getToken();

    var _ = broker.broker().operations().act(new Order("ann", "a mistake"), Act.CANCEL, "a");

    assertThat(worker.next().getCancel().getAttemptsList())
        .containsExactly(Attempt.newBuilder().setId("a").setToken(token).build());
    worker.complete("a", token);
    assertThat(verdict(worker.next())).isIn(Verdict.VERDICT_ALREADY_OVER, Verdict.VERDICT_UNKNOWN);
  }

  // ---------------------------------------------------------------- the end

  @Test
  void aBrokerThatDrainsTakesOutcomes_andHandsOutNothing() throws InterruptedException {
    store(Activations.pending("a"), Activations.pending("b"));
    AttachedWorker worker = attach();
    worker.credit(1, PLENTY);
    Task task = worker.tasks(1).getFirst();

    broker.broker().drain();

    assertThat(worker.next().hasDraining()).isTrue();
    worker.credit(5, PLENTY);
    worker.complete("a", task.getToken());
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_RECORDED);
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);
    server.close();
    assertThat(worker.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aWorkerThatDrainsIsGivenNothing_andGetsItsAnswers() throws InterruptedException {
    AttachedWorker worker = attach();
    worker.credit(5, PLENTY);
    worker.say(WorkerFrame.newBuilder().setDraining(Draining.getDefaultInstance()).build());
    worker.complete("unknown", 1);
    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_UNKNOWN);

    store(Activations.pending("a"));
    worker.complete("unknown", 1);
    worker.call.halfClose();

    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_UNKNOWN);
    assertThat(worker.end().getCode()).isEqualTo(Status.Code.OK);
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);
  }

  // ---------------------------------------------------------------- rules

  static Stream<WorkerFrame> framesThatBreakTheRules() {
    return Stream.of(
        WorkerFrame.newBuilder().setHello(Hello.getDefaultInstance()).build(),
        WorkerFrame.newBuilder()
            .setOutcomes(
                Outcomes.newBuilder()
                    .addOutcomes(Outcome.newBuilder().setId("a").setStatusValue(9)))
            .build(),
        WorkerFrame.newBuilder()
            .setOutcomes(Outcomes.newBuilder().addOutcomes(Outcome.newBuilder().setId("a")))
            .build(),
        WorkerFrame.newBuilder().setHandBack(tooMany()).build());
  }

  private static HandBackRequest tooMany() {
    HandBackRequest.Builder many = HandBackRequest.newBuilder();
    for (int i = 0; i <= 10_000; i++) {
      many.addAttempts(Attempt.newBuilder().setToken(i));
    }
    return many.build();
  }

  @ParameterizedTest
  @MethodSource("framesThatBreakTheRules")
  void aFrameThatBreaksTheRulesEndsTheStream_andLosesNothing(WorkerFrame broken)
      throws InterruptedException {
    store(Activations.pending("a"));
    AttachedWorker worker = attach();
    worker.credit(1, PLENTY);
    Task task = worker.tasks(1).getFirst();
    worker.complete("a", task.getToken());

    worker.say(broken);

    assertThat(worker.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(worker.end().getDescription()).isNotBlank();
    broker.await("what was accepted", () -> broker.broker().vitals().depths().unfinished() == 0);
  }

  @Test
  void aWorkerHasToSayHelloFirst() throws InterruptedException {
    AttachedWorker worker = new AttachedWorker(connect(), null);
    worker.credit(1, 1);

    assertThat(worker.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void whatIsNoFrameEndsTheStream() throws InterruptedException {
    AttachedWorker worker = attach();
    worker.send(SignedFrame.newBuilder().setFrame(ByteString.copyFromUtf8("\u00ff\u00ff")).build());

    assertThat(worker.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void aFrameOfANewerProgramIsLeftOut()
      throws InterruptedException, InvalidProtocolBufferException {
    AttachedWorker worker = attach();
    ByteString newer =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build()
            .toByteString();
    worker.say(WorkerFrame.parseFrom(newer));
    worker.complete("unknown", 1);

    assertThat(verdict(worker.next())).isEqualTo(Verdict.VERDICT_UNKNOWN);
  }

  @Test
  void streamsOfWhomNobodyKnowsWhoTheyAreHaveALimit() throws InterruptedException {
    List<AttachedWorker> silent = new ArrayList<>();
    ManagedChannel channel = connect();
    while (silent.size() < GrpcServerLimits.DEFAULT.streams().awaited()) {
      channel = silent.size() % 5 == 0 ? connect() : channel;
      silent.add(new AttachedWorker(channel, null));
    }
    AttachedWorker refused = new AttachedWorker(connect(), null);
    assertThat(refused.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

    silent.getFirst().hello(hello -> hello);
    assertThat(silent.getFirst().next().hasWelcome()).isTrue();

    assertThat(new AttachedWorker(connect(), null).nonce.size()).isEqualTo(32);
  }

  @Test
  void eachStreamHasANonceOfItsOwn() throws InterruptedException {
    ManagedChannel channel = connect();
    assertThat(new AttachedWorker(channel, null).nonce)
        .isNotEqualTo(new AttachedWorker(channel, null).nonce);
  }

  // ---------------------------------------------------------------- signatures

  private AttachedWorker challenged(@Nullable String secret) throws InterruptedException {
    return new AttachedWorker(connect(), secret);
  }

  @Test
  void framesHaveToBeSigned() throws InterruptedException {
    stopServing();
    serve(List.of("first", "second"));

    AttachedWorker good = challenged("second");
    good.hello(hello -> hello);
    assertThat(good.next().hasWelcome()).isTrue();
    assertThat(good.next().hasHeld()).isTrue();
    good.complete("unknown", 1);
    assertThat(verdict(good.next())).isEqualTo(Verdict.VERDICT_UNKNOWN);

    AttachedWorker bad = challenged("third");
    bad.hello(hello -> hello);
    assertThat(bad.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    AttachedWorker unsigned = challenged(null);
    unsigned.hello(hello -> hello);
    assertThat(unsigned.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void framesOfAnotherStreamOrPlaceAreRefused() throws InterruptedException {
    stopServing();
    serve(List.of("secret"));
    WorkerFrame hello = WorkerFrame.newBuilder().setHello(Hello.getDefaultInstance()).build();
    WorkerFrame credit =
        WorkerFrame.newBuilder().setCredit(Credit.newBuilder().setTasks(1)).build();

    AttachedWorker other = challenged("secret");
    AttachedWorker replayed = challenged("secret");
    replayed.send(other.signed(hello, 0)); // recorded on another stream
    assertThat(replayed.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    AttachedWorker twice = challenged("secret");
    twice.send(twice.signed(hello, 0));
    SignedFrame once = twice.signed(credit, 1);
    twice.send(once);
    twice.send(once);
    assertThat(twice.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    AttachedWorker skipping = challenged("secret");
    skipping.send(skipping.signed(hello, 0));
    skipping.send(skipping.signed(credit, 2)); // one was taken out
    assertThat(skipping.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    AttachedWorker changed = challenged("secret");
    changed.send(changed.signed(hello, 0).toBuilder().setFrame(credit.toByteString()).build());
    assertThat(changed.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }
}
