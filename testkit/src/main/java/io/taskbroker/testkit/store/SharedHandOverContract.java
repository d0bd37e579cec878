package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.testkit.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How the rows of a partition go from one broker to another, and what comes twice then. */
abstract class SharedHandOverContract extends SharingBrokers {
  /** More than come in one page. */
  private static final int MANY = 12_000;

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
    Taken taken = retryOnItsWay(first);
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

  /** A task of the broker's whose retry is with a publisher. */
  private static Taken retryOnItsWay(SharingBroker broker) {
    broker.add(pending("a"));
    broker.claimOne();
    broker.conclude("a", Conclusion.RETRY);
    return broker.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE).getFirst();
  }

  private static boolean refuses(SharingBroker broker, Activations row) {
    try {
      broker.add(row);
      return false;
    } catch (StoreException.Unavailable e) {
      return e.getMessage() != null;
    }
  }

  @Test
  final void handOver_doesNotWaitForEverForARecordOnItsWayToKafka() {
    SharingBroker first = broker("first").reads(ORIGIN);
    Taken taken = retryOnItsWay(first);
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
  final void handOver_leavesARecordToThePublisherThatHasIt_ifThePartitionComesBack() {
    SharingBroker first = broker("first").reads(ORIGIN);
    Taken taken = retryOnItsWay(first);
    first.readsNoMore(ORIGIN);
    SharingBroker second = broker("second").reads(ORIGIN);

    second.readsNoMore(ORIGIN);
    first.reads(ORIGIN);

    assertThat(depths(first).unfinished()).isEqualTo(1);
    assertThat(first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE)).isEmpty();
    first.store().outbox().published(List.of(taken.row().key()));
    until(() -> depths(first).unfinished() == 0);
  }

  @Test
  final void handOver_bringsBackARecordThatWasNotSent_andItLeavesThen() {
    SharingBroker first = broker("first").reads(ORIGIN);
    Taken taken = retryOnItsWay(first);
    first.readsNoMore(ORIGIN);
    SharingBroker second = broker("second").reads(ORIGIN);
    first.store().outbox().giveBack(List.of(taken.row().key()));

    second.readsNoMore(ORIGIN);
    first.reads(ORIGIN);

    assertThat(first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE)).hasSize(1);
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
}
