package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of the rows of a broker that is deposed or closed, or whose server crashes. */
abstract class SharedEndContract extends SharingBrokers {
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
    first.add(pending("a").offset(0));
    String served = id(first.claimOne());
    first.add(pending("b").offset(1)); // survives all, and so does what was before it
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
}
