package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class RulesStoreContract extends StoreContract {
  @Test
  final void drop_endsTasksOfANameInWhateverState() {
    add(
        pending("pulled").taskname("bad"),
        pending("failed").taskname("bad").deadLettered(),
        delayed("delayed", NOON + 1).taskname("bad"),
        pending("done").taskname("bad"),
        pending("other").taskname("good"));
    claimOne();
    conclude("failed", Conclusion.FAILURE);
    conclude("done", Conclusion.COMPLETE);

    List<Long> keys = find(store.rules(), "bad");

    assertThat(keys).hasSize(3);
    assertThat(store.rules().drop(keys)).isEqualTo(3);
    assertThat(store.rules().drop(keys)).isZero();
    for (String id : List.of("pulled", "failed", "delayed")) {
      assertThat(status(id)).as(id).isEqualTo(Status.COMPLETE);
    }
    assertThat(status("other")).isEqualTo(Status.PENDING);
    assertThat(find(store.rules(), "bad")).isEmpty();
  }

  @Test
  final void find_leavesBadRecordsAlone() {
    Activation bad = Activation.badRecord(ORIGIN, 4, NOON, NOON, 1, "garbled");
    store.intake().add(List.of(new NewActivation(bad, new byte[] {1})), new AssignmentEpoch());

    assertThat(find(store.rules(), "")).isEmpty();
  }

  @Test
  @DisplayName("Ours: a killed task is not handed out, even before it was looked for")
  final void kill_dropsWhatSomebodyAsksFor() {
    add(
        pending("1").taskname("bad"),
        pending("2").taskname("bad").atMostOnce().offset(1),
        pending("3").taskname("good"),
        pending("4").taskname("bad"),
        pending("5").taskname("good"));
    store.rules().kill(Set.of("bad"));

    assertThat(id(claimOne())).isEqualTo("3");
    assertThat(status("1")).isEqualTo(Status.COMPLETE);
    assertThat(status("2")).isEqualTo(Status.PENDING); // its offset is not committed
    assertThat(ids(claimForPush(10))).containsExactly("5");
    assertThat(status("4")).isEqualTo(Status.COMPLETE);
    assertThat(store.sweeps().totals().killed()).isEqualTo(2);

    acknowledge(2);
    sweep(Sweep.COMMITTED);
    store.rules().kill(Set.of());
    assertThat(id(claimOne())).isEqualTo("2");
  }

  @Test
  final void payloadsOf_givesWhatIsStillThere() {
    add(pending("a"), pending("b"));
    List<Long> keys = find(store.rules(), "send_receipt");
    conclude("a", Conclusion.COMPLETE);

    RulesStore.Payloads read = store.rules().payloadsOf(keys);

    assertThat(read.rows()).isEqualTo(2);
    Map<Long, byte[]> payloads = read.byKey();
    assertThat(payloads).containsOnlyKeys(keys.get(1));
    assertThat(payloads.values()).allSatisfy(it -> assertThat(new String(it, UTF_8)).endsWith("b"));
  }

  @Test
  final void payloadsOf_givesNoMoreThanTheMemoryHasRoomFor() {
    byte[] half = new byte[(int) RulesStore.Payloads.MOST_BYTES / 2];
    byte[] more = new byte[(int) RulesStore.Payloads.MOST_BYTES + 1];
    add(
        pending("a").payload(half),
        pending("b").payload(half),
        pending("c").payload(half),
        pending("d").payload(more),
        pending("e"));
    List<Long> keys = find(store.rules(), "send_receipt");

    assertThat(store.rules().payloadsOf(keys).byKey()).containsOnlyKeys(keys.subList(0, 2));
    assertThat(store.rules().payloadsOf(keys.subList(2, 5)).rows()).isEqualTo(1);
    assertThat(store.rules().payloadsOf(keys.subList(3, 5)).byKey()).containsOnlyKeys(keys.get(3));
    assertThat(store.rules().payloadsOf(List.of()).rows()).isZero();
  }

  @Test
  @DisplayName("19.37, ours: demoted rows leave through the outbox, and stay until Kafka has them")
  final void demote_sendsPendingRowsOutByTheirLane() {
    add(
        pending("a").namespace("slow"),
        pending("b").namespace("slow").application("other"),
        delayed("later", NOON + 1).namespace("slow"),
        pending("c").namespace("fast"));

    assertThat(store.rules().demote(Set.of("slow"), 10)).isEqualTo(2);

    assertThat(status("a")).isEqualTo(Status.CLAIMED);
    List<Taken> taken = store.outbox().take(Lane.DEMOTION, 10, 10_000);
    assertThat(taken)
        .extracting(one -> one.row().activation().id())
        .containsExactlyInAnyOrder("a", "b");
    store.outbox().published(taken.stream().map(one -> one.row().key()).toList());
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(id(claimOne())).isEqualTo("c");
    assertThat(claim()).isEmpty();
  }

  @Test
  final void demote_stopsAtItsLimit() {
    add(pending("a"), pending("b"), pending("c"));

    assertThat(store.rules().demote(Set.of("orders"), 2)).isEqualTo(2);
    assertThat(store.rules().demote(Set.of("orders"), 2)).isEqualTo(1);
    assertThat(store.rules().demote(Set.of("orders"), 2)).isZero();
  }

  @Test
  final void aDemotedRow_returnsIfItCouldNotLeaveForAnHour() {
    add(pending("a"));
    store.rules().demote(Set.of("orders"), 1);

    time.advance(Duration.ofHours(1));
    assertThat(sweep(Sweep.LEASES)).isZero();
    time.advance(MOMENT);
    assertThat(sweep(Sweep.LEASES)).isEqualTo(1);
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  final void anArrival_mayBeDemotedAtOnce() {
    NewActivation plain = pending("a").arriving();
    store
        .intake()
        .add(
            List.of(new NewActivation(plain.activation(), plain.payload(), Route.DEMOTION)),
            new AssignmentEpoch());
    store.reopen();

    assertThat(claim()).isEmpty();
    Taken taken = store.outbox().take(Lane.DEMOTION, 1, 1_000).getFirst();
    assertThat(taken.payload()).isEqualTo(plain.payload());
  }

  @Test
  @DisplayName("Ours: an at-most-once task is not demoted before its offset is committed")
  final void aDemotedAtMostOnceRow_waitsForItsCommit() {
    NewActivation once = pending("a").offset(4).atMostOnce().arriving();
    store
        .intake()
        .add(
            List.of(new NewActivation(once.activation(), once.payload(), Route.DEMOTION)),
            new AssignmentEpoch());
    assertThat(store.outbox().take(Lane.DEMOTION, 1, 1_000)).isEmpty();

    acknowledge(5);
    sweep(Sweep.COMMITTED);

    assertThat(store.outbox().take(Lane.DEMOTION, 1, 1_000)).hasSize(1);
  }

  @Test
  final void aDemotedRow_thatAWorkerReportedOnFollowsTheReport() {
    add(pending("a").deadLettered());
    store.rules().demote(Set.of("orders"), 1);
    long key = store.outbox().take(Lane.DEMOTION, 1, 1_000).getFirst().row().key();

    conclude("a", Conclusion.FAILURE);
    store.outbox().giveBack(List.of(key));

    assertThat(store.outbox().take(Lane.DEAD_LETTER, 1, 1_000)).hasSize(1);
  }

  @Test
  @DisplayName("Ours: what is demoted fills the outbox, and takes no place of what is with workers")
  final void demoted_countsTowardsTheOutboxAlone() {
    add(pending("a").namespace("slow"), pending("b"));

    store.rules().demote(Set.of("slow"), 10);

    assertThat(store.sweeps().depths().demoted()).isEqualTo(1);
    assertThat(store.sweeps().depths().claimed()).isZero();
    assertThat(store.sweeps().depths().outbox()).isEqualTo(1);
    assertThat(store.sweeps().depths().unfinished()).isEqualTo(2);
  }
}
