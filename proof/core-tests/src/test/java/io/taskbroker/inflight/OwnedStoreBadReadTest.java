package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.store.StoreContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Rows that cannot be read, among others that can. */
class OwnedStoreBadReadTest extends BadRows {
  @Test
  void payloadsThatCannotBeRead_arePutAside_andAllOthersAreHandedOut() {
    add(1_000);
    journal.unreadable.addAll(List.of(1L, 2L, 3L, 500L));

    assertThat(handOutAll(996)).hasSize(996); // no call comes back empty for a bad row
    assertThat(StoreContract.await(claim())).isEmpty();

    assertThat(store.sweeps().depths().pending()).isZero();
    assertThat(store.sweeps().depths().processing()).isEqualTo(996);
    assertThat(putAside).hasValue(4);
    restart();
    assertThat(store.sweeps().depths().pending()).isEqualTo(4); // unharmed, and tried again
    assertThat(handOutAll(4)).containsExactly("t0", "t1", "t2", "t499");
  }

  @Test
  void largePayloadsThatCannotBeRead_leaveTheirCallerTheNextOne() {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      batch.add(Activations.pending("t" + i).offset(i).payload(new byte[100_000]).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
    journal.unreadable.addAll(List.of(1L, 2L, 4L));

    assertThat(handOutAll(1)).containsExactly("t2");
    assertThat(StoreContract.await(store.pushes().claimForPush("shop", 1, 10_000_000, LEASE)))
        .extracting(one -> one.claim().activation().id())
        .containsExactly("t4");
    Report report = new Report("t2", Conclusion.COMPLETE, RetryOverride.NONE);
    assertThat(
            StoreContract.await(store.dispatch().conclude(report, ClaimFilter.ANY))
                .next()
                .orElseThrow()
                .claim()
                .activation()
                .id())
        .isEqualTo("t5");
    assertThat(StoreContract.await(claim())).isEmpty();
    assertThat(putAside).hasValue(3);
  }

  @Test
  void aReport_isTakenOnce_thoughTheNextOneCannotBeRead() {
    add(3);
    assertThat(handOutAll(1)).containsExactly("t0");
    journal.unreadable.add(2L);

    var concluded =
        StoreContract.await(
            store
                .dispatch()
                .conclude(
                    new Report("t0", Conclusion.COMPLETE, RetryOverride.NONE), ClaimFilter.ANY));

    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next().orElseThrow().claim().activation().id()).isEqualTo("t2");
  }

  @Test
  void aStoreThatCloses_answersWhoeverMeetsABadRow() throws Exception {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      batch.add(Activations.pending("t" + i).offset(i).payload(new byte[100_000]).arriving());
      journal.unreadable.add(i + 1L);
    }
    batch.add(Activations.pending("last").offset(50).arriving());
    store.intake().add(batch, new AssignmentEpoch());
    CompletionStage<Optional<Delivered>> asked = claim();

    store.close();

    assertThat(asked.toCompletableFuture()).isDone();
  }

  @Test
  void reportsThatShareAGroupWithABadClaim_areTaken() {
    add(100);
    journal.unreadable.add(1L);
    List<CompletionStage<?>> claims = new ArrayList<>();
    List<CompletionStage<?>> reports = new ArrayList<>();
    for (int i = 50; i < 100; i++) {
      claims.add(claim());
      reports.add(
          store
              .dispatch()
              .conclude(new Report("t" + i, Conclusion.COMPLETE, RetryOverride.NONE), null));
    }

    claims.forEach(StoreContract::await);
    reports.forEach(StoreContract::await);
  }

  @Test
  void aBlindStore_takesReports_andPutsNothingAside() {
    add(3);
    Delivered task = StoreContract.await(claim()).orElseThrow();
    journal.blind = true;

    assertThatThrownBy(() -> StoreContract.await(claim()))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(report(task.claim().activation().id(), Conclusion.COMPLETE)).isTrue();

    journal.blind = false;
    assertThat(handOutAll(2)).containsExactly("t1", "t2");
  }

  @Test
  void aLargePayloadThatCannotBeRead_leavesTheOthersOfItsClaim() {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      byte[] payload = new byte[i == 7 ? 100_000 : 100];
      batch.add(Activations.pending("p" + i).offset(i).atMostOnce().payload(payload).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 100L));
    store.sweeps().sweep(Sweep.COMMITTED, 100);
    journal.unreadable.add(8L);

    assertThat(StoreContract.await(store.pushes().claimForPush("shop", 16, 10_000_000, LEASE)))
        .hasSize(15);

    while (store.sweeps().depths().claimed() != 15) {
      Thread.onSpinWait();
    }
    restart();
    journal.unreadable.clear();
    assertThat(store.sweeps().depths().pending()).isEqualTo(1);
  }

  @Test
  void aRowOfTheOutboxThatCannotBeRead_holdsUpNoOther() {
    add(1_500);
    for (int i = 0; i < 1_500; i++) {
      report("t" + i, Conclusion.RETRY);
    }
    journal.unreadable.add(1L);

    List<Taken> taken = new ArrayList<>();
    for (int turn = 0; turn < 20; turn++) { // each takes what a turn of the writer may
      List<Taken> some = store.outbox().take(Lane.RETRY, 1_000, 1 << 24);
      store.outbox().published(some.stream().map(one -> one.row().key()).toList());
      taken.addAll(some);
    }

    assertThat(taken).hasSize(1_499);
    restart();
    assertThat(store.outbox().take(Lane.RETRY, 1_000, 1 << 24)).hasSize(1);
  }
}
