package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.store.SharingBroker.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What stores must keep to that share a journal: who has which rows, and when.
 *
 * <p>Extend this once per journal that several brokers can share, and add nothing.
 */
public abstract class SharedStoreContract {
  private static final Partition OTHER = new Partition(ORIGIN.topic(), 1);
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** More than come in one page. */
  private static final int MANY = 12_000;

  private static final Pause PAUSE =
      new Pause(PauseTarget.ofApplication("shop"), "ann", "a sale", 5, null);

  private static final Drain DRAIN = new Drain("ann", "a deploy", 5, Drain.OnEmpty.STAY);

  /** So many that a broker's own looks at reports cannot come in time for all of them. */
  private static final int ORDERS = 10;

  /** Of each broker. */
  private static final int CLAIMS = 1_000;

  private final TimeSource time = new RunningTime();
  private final List<SharingBroker> brokers = new ArrayList<>();
  private SharedSpace space;

  /**
   * A new, empty space, that judges brokers by a time of its own. Closed after each test.
   *
   * @param time of the brokers
   */
  protected abstract SharedSpace openEmptySpace(TimeSource time) throws Exception;

  @BeforeEach
  final void openSpace() throws Exception {
    space = openEmptySpace(time);
  }

  @AfterEach
  final void closeSpace() {
    brokers.forEach(SharingBroker::close);
    space.close();
  }

  private SharingBroker broker(String name) {
    SharingBroker broker = new SharingBroker(space.open(name), time);
    brokers.add(broker);
    return broker;
  }

  // ---------------------------------------------------------------- ownership

  @Test
  final void rows_areHandedOutByTheBrokerThatHasTheirPartition() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));
    second.add(pending("b").at(OTHER, 0));

    assertThat(id(first.claimOne())).isEqualTo("a");
    assertThat(first.claim()).isEmpty();
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(second.claim()).isEmpty();
  }

  @Test
  final void claimsAtOnceOverTwoBrokersTakeDifferentRows() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(numbered("a", ORIGIN));
    second.add(numbered("b", OTHER));

    List<CompletionStage<Optional<Delivered>>> claims = new ArrayList<>();
    for (int i = 0; i < CLAIMS; i++) {
      claims.add(first.store().dispatch().claim(ClaimFilter.ANY));
      claims.add(second.store().dispatch().claim(ClaimFilter.ANY));
    }

    assertThat(claims)
        .extracting(claim -> id(StoreContract.await(claim).orElseThrow()))
        .doesNotHaveDuplicates()
        .hasSize(2 * CLAIMS);
  }

  private static Activations[] numbered(String name, Partition partition) {
    return IntStream.range(0, CLAIMS)
        .mapToObj(i -> pending(name + i).at(partition, i).payload(new byte[1]))
        .toArray(Activations[]::new);
  }

  @Test
  final void add_isRefusedWhileTheRowsOfThePartitionAreElsewhere() {
    broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);

    assertThatExceptionOfType(StoreException.Unavailable.class)
        .isThrownBy(() -> second.add(pending("a")));
    assertThat(second.add(pending("b").at(OTHER, 0))).isOne();
  }

  @Test
  final void add_ignoresAnIdThatAnotherBrokersPartitionHas() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));

    int added =
        second.add(pending("b").at(OTHER, 0), pending("a").at(OTHER, 1), pending("c").at(OTHER, 2));

    assertThat(added).isEqualTo(2);
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(id(second.claimOne())).isEqualTo("c");
    assertThat(second.claim()).isEmpty();
    assertThat(id(first.claimOne())).isEqualTo("a");
  }

  @Test
  final void rows_stayWithTheirBrokerUntilAnotherOneWantsThem() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"), pending("b"));

    first.readsNoMore(ORIGIN);

    assertThat(id(first.claimOne())).isEqualTo("a");
    assertThat(first.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(id(broker("second").reads(ORIGIN).claimOne())).isEqualTo("b");
  }

  // ---------------------------------------------------------------- hand-over

  @Test
  final void handOver_bringsAllRowsInTheirOrder() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(
        IntStream.range(0, MANY)
            .mapToObj(i -> pending("t" + i).offset(i).payload(new byte[1]))
            .toArray(Activations[]::new));
    first.readsNoMore(ORIGIN);

    SharingBroker second = broker("second").reads(ORIGIN);

    assertThat(second.store().sweeps().depths().pending()).isEqualTo(MANY);
    assertThat(depths(first).unfinished()).isZero();
    assertThat(id(second.claimOne())).isEqualTo("t0");
    assertThat(id(second.claimOne())).isEqualTo("t1");
    assertThat(first.claim()).isEmpty();
  }

  @Test
  final void handOver_thereAndBackAgainLosesNothing() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second");
    first.add(pending("a").offset(0), pending("b").offset(1), pending("c").offset(2));

    assertThat(id(first.claimOne())).isEqualTo("a");
    first.readsNoMore(ORIGIN);
    second.reads(ORIGIN);
    assertThat(id(second.claimOne())).isEqualTo("b");
    second.readsNoMore(ORIGIN);
    first.reads(ORIGIN);

    assertThat(first.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(first.conclude("b", Conclusion.COMPLETE)).isTrue();
    assertThat(id(first.claimOne())).isEqualTo("c");
    assertThat(first.claim()).isEmpty();
  }

  @Test
  final void handOver_waitsForARecordOnItsWayToKafka() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"));
    first.claimOne();
    first.conclude("a", Conclusion.RETRY);
    Taken taken = first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE).getFirst();
    SharingBroker second = broker("second");
    first.readsNoMore(ORIGIN);
    second.wants(ORIGIN);

    until(() -> refuses(first, pending("b").offset(1))); // it is about to give the partition up
    assertThat(second.store().holdings().awaited()).containsExactly(ORIGIN);
    first.store().outbox().published(List.of(taken.row().key()));
    until(() -> second.store().holdings().awaited().isEmpty());

    assertThat(second.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE)).isEmpty();
    assertThat(second.conclude("a", Conclusion.RETRY)).isFalse();
  }

  @Test
  final void handOver_doesNotWaitForEverForARecordOnItsWayToKafka() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"));
    first.claimOne();
    first.conclude("a", Conclusion.RETRY);
    Taken taken = first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE).getFirst();
    first.readsNoMore(ORIGIN);

    SharingBroker second = broker("second").reads(ORIGIN);

    assertThat(second.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE))
        .extracting(row -> row.row().activation().id())
        .containsExactly("a");
    first.store().outbox().published(List.of(taken.row().key()));
    until(() -> depths(second).unfinished() == 0);
    assertThat(depths(first).unfinished()).isZero();
    assertThat(first.hasFailed()).isFalse();
  }

  @Test
  final void sending_isRefusedOnceTheRowIsElsewhere_andTheRowIsPendingThere() {
    SharingBroker first = broker("first").reads(ORIGIN);
    until(() -> sends(first, "warm-up")); // it has beaten
    first.add(pending("a").offset(1).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 2L));
    Claim claim = claimForPush(first);

    first.readsNoMore(ORIGIN);
    SharingBroker second = broker("second");
    second.standsAt(ORIGIN, 2);
    until(() -> second.store().holdings().awaited().isEmpty());

    assertThat(StoreContract.await(first.store().pushes().sending(claim))).isFalse();
    assertThat(id(second.claimOne())).isEqualTo("a");
  }

  /** Whether a push of a task of this id may begin; it is over then. */
  private static boolean sends(SharingBroker broker, String id) {
    broker.add(pending(id));
    Optional<Claim> claim =
        StoreContract.await(broker.store().pushes().claimForPush("shop", 1, Long.MAX_VALUE, LEASE))
            .stream()
            .map(Delivered::claim)
            .findFirst();
    if (claim.isEmpty()) {
      return false;
    }
    boolean sends = StoreContract.await(broker.store().pushes().sending(claim.get()));
    if (sends) {
      broker.conclude(id, Conclusion.COMPLETE);
    } else {
      broker.store().pushes().release(List.of(claim.get()));
    }
    return sends;
  }

  private static Claim claimForPush(SharingBroker broker) {
    List<Delivered> claimed = new ArrayList<>();
    until(
        () -> {
          claimed.addAll(
              StoreContract.await(
                  broker.store().pushes().claimForPush("shop", 1, Long.MAX_VALUE, LEASE)));
          return !claimed.isEmpty();
        });
    return claimed.getFirst().claim();
  }

  // ---------------------------------------------------------------- what comes twice

  @Test
  final void aRecordThatComesAgainAfterAHandOverMeetsItsRow() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0), pending("b").offset(1));
    first.claimOne();
    first.conclude("a", Conclusion.COMPLETE);
    first.readsNoMore(ORIGIN);

    SharingBroker second = broker("second").reads(ORIGIN);

    assertThat(second.add(pending("a").offset(0), pending("b").offset(1))).isZero();
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(second.claim()).isEmpty();
  }

  @Test
  final void anAtMostOnceTaskRunsAfterAHandOver_whetherItsRecordComesAgainOrNot() {
    SharingBroker first = broker("first").reads(ORIGIN, OTHER);
    first.add(
        pending("committed").offset(4).atMostOnce(), pending("again").at(OTHER, 4).atMostOnce());
    first.readsNoMore(ORIGIN, OTHER);

    SharingBroker second = broker("second");
    second.store().intake().assigned(Map.of(ORIGIN, 5L, OTHER, 4L));
    until(() -> second.store().holdings().awaited().isEmpty());

    assertThat(id(second.claimOne())).isEqualTo("committed");
    assertThat(second.claim()).isEmpty();
    assertThat(second.add(pending("again").at(OTHER, 4).atMostOnce())).isZero();
    second.store().intake().acknowledged(Map.of(OTHER, 5L));
    assertThat(id(second.claimOne())).isEqualTo("again");
    assertThat(second.store().sweeps().totals().overtaken()).isZero();
  }

  @Test
  final void anAtMostOnceTaskThatWasHandedOutIsNotHandedOutAgain() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    assertThat(id(first.claimOne())).isEqualTo("a");
    first.add(pending("b").offset(1));
    space.depose("first");

    SharingBroker second = broker("second").reads(ORIGIN);

    assertThat(second.add(pending("a").offset(0).atMostOnce())).isZero();
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(second.claim()).isEmpty();
  }

  // ---------------------------------------------------------------- deposition

  static Stream<Named<Consumer<SharingBroker>>> writes() {
    return Stream.of(
        Named.of("add", broker -> broker.add(pending("new").offset(9))),
        Named.of("claim", broker -> broker.claim()),
        Named.of("conclude", broker -> broker.conclude("taken", Conclusion.COMPLETE)),
        Named.of(
            "claimForPush",
            broker ->
                StoreContract.await(
                    broker.store().pushes().claimForPush("shop", 1, Long.MAX_VALUE, LEASE))),
        Named.of(
            "take an outgoing row",
            broker -> broker.store().outbox().take(Lane.RETRY, 1, Long.MAX_VALUE)),
        Named.of("acknowledged", broker -> acknowledgeAndAsk(broker)));
  }

  private static void acknowledgeAndAsk(SharingBroker broker) {
    broker.store().intake().acknowledged(Map.of(ORIGIN, 3L));
    broker.failure();
    throw new StoreException.Closed("told nobody, as nobody waits");
  }

  @ParameterizedTest
  @MethodSource("writes")
  final void aDeposedBrokerWritesNothing_andEnds(Consumer<SharingBroker> write) {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("retried").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    first.claimOne();
    first.conclude("retried", Conclusion.RETRY);
    first.add(pending("taken").offset(1), pending("left").offset(2));
    first.claimOne();
    SharingBroker second = broker("second");
    Depths before = depths(first);
    space.depose("first");

    assertThatExceptionOfType(StoreException.Closed.class).isThrownBy(() -> write.accept(first));

    assertThat(first.failure().getCause()).isInstanceOf(JournalException.Deposed.class);
    second.reads(ORIGIN);
    Depths after = depths(second);
    assertThat(after.pending()).isEqualTo(before.pending());
    assertThat(after.processing()).isEqualTo(before.processing());
    assertThat(after.outbox()).isEqualTo(before.outbox());
    assertThat(second.add(pending("new").offset(9))).isOne();
  }

  @Test
  final void aDeposedBrokersRowsGoOnWhereTheyWere() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0), pending("b").offset(1));
    first.claimOne();
    SharingBroker second = broker("second").reads(OTHER);
    space.depose("first");

    second.reads(ORIGIN, OTHER);

    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(second.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(second.conclude("b", Conclusion.COMPLETE)).isTrue();
    assertThat(depths(second).unfinished()).isZero();
    assertThat(second.hasFailed()).isFalse();
  }

  @Test
  final void aBrokerThatIsDeposedWhileItIsIdleEndsByItself() {
    SharingBroker first = broker("first").reads(ORIGIN);

    space.depose("first");

    assertThat(first.failure().getCause()).isInstanceOf(JournalException.Deposed.class);
  }

  // ---------------------------------------------------------------- reports

  @Test
  final void aReportReachesTheBrokerThatHasTheTask() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"), pending("b").offset(1));
    first.claimOne();
    first.claimOne();

    assertThat(second.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(second.conclude("b", Conclusion.RETRY)).isTrue();

    until(() -> depths(first).processing() == 0);
    assertThat(first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE))
        .extracting(row -> row.row().activation().id())
        .containsExactly("b");
  }

  @Test
  final void aReportOfATaskThatNobodyHasIsUnknown() {
    SharingBroker first = broker("first").reads(ORIGIN);
    broker("second").reads(OTHER);

    assertThat(first.conclude("nobody's", Conclusion.COMPLETE)).isFalse();
  }

  @Test
  final void aReportOfATaskWhoseRowsAreOnTheirWayIsTakenWhenTheyAreThere() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));
    first.claimOne();
    space.depose("first");

    assertThat(second.conclude("a", Conclusion.COMPLETE)).isTrue();
    second.reads(ORIGIN, OTHER);

    until(() -> depths(second).unfinished() == 0);
  }

  @Test
  final void aTaskThatIsHandedBackToAnotherBroker_isHandedOutAgainWhereItIs() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    Claim claim = first.claimOne().claim();

    News handBack = new News.HandBack(new Attempt("a", claim.token()));
    assertThat(StoreContract.await(second.store().attempts().tell(List.of(handBack))))
        .containsExactly(Answer.RECORDED);

    Claim again = first.claimOne().claim();
    assertThat(again.activation().id()).isEqualTo("a");
    assertThat(again.attempts()).isZero();
  }

  @ParameterizedTest
  @MethodSource("wordsOfWhatReachedNobody")
  final void aClaimThatHasReachedNobody_goesBackThoughItsRowIsElsewhere(
      BiConsumer<SharingBroker, Claim> word) {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    Claim claim = first.claimOne().claim();
    first.readsNoMore(ORIGIN);
    SharingBroker second = broker("second").reads(ORIGIN);
    assertThat(second.claim()).isEmpty();

    word.accept(first, claim);

    assertThat(id(second.claimOne())).isEqualTo("a");
    assertThat(second.claim()).isEmpty();
  }

  static Stream<Named<BiConsumer<SharingBroker, Claim>>> wordsOfWhatReachedNobody() {
    return Stream.of(
        Named.of("released", (broker, claim) -> broker.store().dispatch().release(List.of(claim))),
        Named.of("broken off", (broker, claim) -> broker.store().dispatch().brokeOff(claim, null)));
  }

  @Test
  final void anOrderOnATaskComesAfterTheReportsThatOtherBrokersHaveAnswered() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    for (int i = 0; i < ORDERS; i++) {
      String id = "task-" + i;
      first.add(pending(id).offset(i));
      long key = first.claimOne().claim().key();

      assertThat(second.conclude(id, Conclusion.COMPLETE)).isTrue();

      assertThat(first.store().steering().act(Act.GIVE_BACK, List.of(key)))
          .as(id)
          .containsExactly(Verdict.NOT_STORED);
    }
    assertThat(first.claim()).isEmpty();
  }

  // ---------------------------------------------------------------- the end of brokers and servers

  @Test
  final void aBrokerThatIsClosedLeavesItsPartitionsToOthersAtOnce() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"));
    first.close();

    assertThat(id(broker("second").reads(ORIGIN).claimOne())).isEqualTo("a");
  }

  @Test
  final void rowsThatNobodyReadsAreAdoptedAfterAWhile() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"));
    SharingBroker second = broker("second").reads(OTHER);
    first.close();
    assertThat(second.claim()).isEmpty();

    space.advance(Duration.ofSeconds(61));

    assertThat(id(second.claimOne())).isEqualTo("a");
  }

  @Test
  final void groupsThatTheServerHasLostAreDecidedAnew() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0), pending("b").offset(1));
    String served = id(first.claimOne()); // the first claim of a broker survives all
    first.conclude(served, Conclusion.COMPLETE);
    assertThat(id(first.claimOne())).isEqualTo("b");
    space.crash();

    until(() -> stores(first, pending("c").offset(2)));

    assertThat(ids(first, 2)).containsExactly("b", "c");
    assertThat(first.conclude("b", Conclusion.COMPLETE)).isTrue();
    assertThat(first.claim()).isEmpty();
    assertThat(first.hasFailed()).isFalse();
  }

  /** Whether this could be stored; if not, the broker has found out where the journal stands. */
  private static boolean stores(SharingBroker broker, Activations row) {
    try {
      return broker.add(row) == 1;
    } catch (StoreException.Unavailable e) {
      return false;
    }
  }

  private static List<String> ids(SharingBroker broker, int number) {
    return IntStream.range(0, number).mapToObj(_ -> id(broker.claimOne())).toList();
  }

  @Test
  final void rowsCanBeTakenInByABrokerThatStartsLater() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"));
    first.close();
    SharingBroker second = broker("second");

    assertThat(second.store().sweeps().depths().unfinished()).isZero();
    second.reads(ORIGIN);
    second.add(pending("b").offset(1));

    assertThat(id(second.claimOne())).isEqualTo("a");
    assertThat(id(second.claimOne())).isEqualTo("b");
  }

  // ---------------------------------------------------------------- what operators order

  @Test
  final void aPause_holdsAtAllBrokers_untilAnyOfThemEndsIt() {
    SharingBroker first = broker("first");
    SharingBroker second = broker("second").reads(OTHER);
    second.add(pending("a").at(OTHER, 0));

    first.store().steering().pause(PAUSE);
    until(() -> second.store().steering().pauses().equals(List.of(PAUSE)));
    assertThat(second.claim()).isEmpty();

    assertThat(second.store().steering().resume(PAUSE.target())).isTrue();
    until(() -> first.store().steering().pauses().isEmpty());
    assertThat(id(second.claimOne())).isEqualTo("a");
  }

  @Test
  final void aPauseThatEndsByItself_leavesTheOneThatWasOrderedMeanwhile() {
    SharingBroker first = broker("first");
    SharingBroker second = broker("second");
    long soon = time.now().plus(Duration.ofMillis(200)).wallMs();
    first.store().steering().pause(new Pause(PAUSE.target(), "bob", "a moment", 5, soon));

    second.store().steering().pause(PAUSE);

    until(() -> first.store().steering().pauses().isEmpty());
    until(() -> first.store().steering().pauses().equals(List.of(PAUSE)));
    assertThat(second.store().steering().pauses()).containsExactly(PAUSE);
  }

  @Test
  final void aPause_holdsAtBrokersThatStartLater() {
    broker("first").store().steering().pause(PAUSE);

    assertThat(broker("second").store().steering().pauses()).containsExactly(PAUSE);
  }

  @Test
  final void anOrderOfRules_reachesAllBrokers_whichAreToldOfIt() {
    RuleOrderStore first = broker("first").store().ruleOrders();
    RuleOrderStore second = broker("second").store().ruleOrders();
    long before = second.changesByOthers();

    first.keep("a", "text");
    until(() -> second.kept().equals(Map.of("a", "text")));
    assertThat(second.changesByOthers()).isGreaterThan(before);

    assertThat(second.forget("a")).isTrue();
    until(() -> first.kept().isEmpty());
    assertThat(second.kept()).isEmpty();
  }

  @Test
  final void anOrderToDrain_isForItsBroker_andForTheNextOneOfItsName() {
    SharingBroker first = broker("first");
    first.store().steering().drain(DRAIN);

    assertThat(broker("second").store().steering().draining()).isEmpty();
    first.close();
    SharingBroker next = broker("first");
    assertThat(next.store().steering().draining()).contains(DRAIN);
    assertThat(next.store().steering().endDrain()).isTrue();
    next.close();
    assertThat(broker("first").store().steering().draining()).isEmpty();
  }

  // ---------------------------------------------------------------- words

  private static String id(Delivered delivered) {
    return delivered.claim().activation().id();
  }

  private static boolean refuses(SharingBroker broker, Activations row) {
    try {
      broker.add(row);
      return false;
    } catch (StoreException.Unavailable e) {
      return e.getMessage() != null;
    }
  }

  /** How many are where, now that the store has done what it was told before. */
  private static Depths depths(SharingBroker broker) {
    Set<Partition> _ = broker.store().intake().awaitedPartitions();
    return broker.store().sweeps().depths();
  }
}
