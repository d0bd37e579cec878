package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class DispatchStoreContract extends StoreContract {
  // ---------------------------------------------------------------- claiming

  @Test
  @DisplayName("19.2, ours: the first that arrived comes first, also when the clock was set back")
  final void claim_takesTheOldestFirst() {
    add(pending("first").addedAt(NOON));
    add(pending("second").addedAt(NOON - 3_600_000));
    add(pending("third").addedAt(NOON - 3_599_000), pending("fourth").addedAt(NOON - 3_599_500));

    assertThat(List.of(id(claimOne()), id(claimOne()), id(claimOne()), id(claimOne())))
        .containsExactly("first", "second", "third", "fourth");
  }

  @Test
  @DisplayName("Ours: of the same millisecond, the first that arrived comes first")
  final void claim_isFirstInFirstOutWithinAMillisecond() {
    add(pending("b"), pending("a"));
    add(pending("0"));

    assertThat(List.of(id(claimOne()), id(claimOne()), id(claimOne())))
        .containsExactly("b", "a", "0");
  }

  @Test
  @DisplayName("19.3: a claimed row is Processing until its own time and the grace are over")
  final void claim_setsTheDeadline() {
    add(pending("a").deadline(Duration.ofSeconds(10)));
    time.advance(Duration.ofMillis(250));

    Delivered delivered = claimOne();

    assertThat(new String(delivered.payload(), UTF_8)).isEqualTo("payload of a");
    assertThat(delivered.claim().attempts()).isZero();
    assertThat(status("a")).isEqualTo(Status.PROCESSING);
    assertThat(row("a").untilMs()).isEqualTo(NOON + 250 + 13_000);
  }

  @Test
  @DisplayName("19.4: 2000 concurrent claims over 2000 rows take each of them once")
  final void claim_handsEachToOneCallerOnly() throws Exception {
    int rows = 2_000;
    add(IntStream.range(0, rows).mapToObj(i -> pending("a" + i)).toArray(Activations[]::new));
    Set<String> taken = ConcurrentHashMap.newKeySet();

    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        calls.add(() -> taken.add(id(claimOne())));
      }
      for (Future<Boolean> call : callers.invokeAll(calls)) {
        assertThat(call.get()).isTrue();
      }
    }

    assertThat(taken).hasSize(rows);
    assertThat(claim()).isEmpty();
  }

  @Test
  @DisplayName("19.5: a namespace is a filter only within an application")
  final void claim_filtersByApplicationAndNamespace() {
    add(
        pending("1").application("other").namespace("orders"),
        pending("2").application("shop").namespace("returns"),
        pending("3").application("shop").namespace("orders"),
        pending("4").application("").namespace("orders"));

    assertThatThrownBy(() -> new ClaimFilter(null, "orders"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(claim(new ClaimFilter("shop", "orders")).map(StoreContract::id)).contains("3");
    assertThat(claim(new ClaimFilter("shop", "orders"))).isEmpty();
    assertThat(claim(new ClaimFilter("shop", null)).map(StoreContract::id)).contains("2");
    assertThat(claim(new ClaimFilter("nobody", null))).isEmpty();
    assertThat(claim(new ClaimFilter("", null)).map(StoreContract::id)).contains("4");
    assertThat(claim().map(StoreContract::id)).contains("1");
  }

  @Test
  @DisplayName("19.6: what is expired is not claimed, and is still pending")
  final void claim_skipsWhatExpiresNow() {
    add(
        pending("gone").expiresAt(NOON),
        pending("good").addedAt(NOON + 1).expiresAt(NOON + 1),
        pending("never").addedAt(NOON + 2));

    assertThat(id(claimOne())).isEqualTo("good");
    assertThat(id(claimOne())).isEqualTo("never");
    assertThat(claim()).isEmpty();
    assertThat(status("gone")).isEqualTo(Status.PENDING);
    assertThat(store.sweeps().depths().pending()).isEqualTo(1);
  }

  @Test
  @DisplayName("Ours: what expired while the clock was ahead is handed out once it has gone back")
  final void claim_handsOutWhatIsNotExpiredAfterAll() {
    add(pending("a").expiresAt(NOON + 60_000), pending("b").expiresAt(NOON + 90_000));
    time.stepWall(Duration.ofHours(1));
    assertThat(claim()).isEmpty();

    time.stepWall(Duration.ofHours(1).minusSeconds(70).negated());

    assertThat(id(claimOne())).isEqualTo("b");
    assertThat(claim()).isEmpty();
  }

  @Test
  final void claim_leavesWhatIsNotPending() {
    add(delayed("delayed", NOON + 1), pending("failed"), pending("retry"), pending("done"));
    conclude("failed", Conclusion.FAILURE);
    conclude("retry", Conclusion.RETRY);
    conclude("done", Conclusion.COMPLETE);

    assertThat(claim()).isEmpty();
  }

  @Test
  final void aClaim_isThereAfterAReopening() {
    add(pending("a"));
    claimOne();
    List<KeptRow> before = store.rows();

    store.reopen();

    assertThat(store.rows()).isEqualTo(before);
    assertThat(claim()).isEmpty();
  }

  @Test
  @DisplayName("Ours: a neighbour's backlog does not change who is next")
  final void claim_findsARareApplicationBehindABacklog() {
    add(IntStream.range(0, 3_000).mapToObj(i -> pending("a" + i)).toArray(Activations[]::new));
    add(pending("rare").application("rare").addedAt(NOON + 1));

    assertThat(claim(new ClaimFilter("rare", null)).map(StoreContract::id)).contains("rare");
    assertThat(id(claimOne())).isEqualTo("a0");
  }

  // ---------------------------------------------------------------- reports

  @ParameterizedTest
  @EnumSource(Conclusion.class)
  @DisplayName("8.1 early COMPLETE: a report counts before the push was marked")
  final void conclude_isTakenFromEveryLiveState(Conclusion conclusion) {
    add(pending("pushed"));
    claimForPush(1);
    add(pending("pulled"));
    claimOne();
    add(delayed("delayed", NOON + 1), pending("pending"));

    for (String id : List.of("delayed", "pending", "pushed", "pulled")) {
      assertThat(conclude(id, conclusion)).as(id).isTrue();
      assertThat(status(id)).as(id).isEqualTo(after(conclusion));
    }
  }

  private static Status after(Conclusion conclusion) {
    return switch (conclusion) {
      case COMPLETE -> Status.COMPLETE;
      case FAILURE -> Status.FAILURE;
      case RETRY -> Status.RETRY;
    };
  }

  @Test
  @DisplayName("19.9, 8.1 SetTaskStatus: a report on an unknown id is no error")
  final void conclude_saysThatAnIdIsUnknown() {
    assertThat(conclude("nobody", Conclusion.COMPLETE)).isFalse();
    assertThat(conclude("", Conclusion.RETRY)).isFalse();
    assertThat(store.rows()).isEmpty();
  }

  @Test
  @DisplayName(
      "19.9, ours, 8.1 SetTaskStatus: the first report counts; nothing leads back from Failure")
  final void conclude_changesNothingOnceThereWasAReport() {
    add(pending("a").deadLettered(), pending("b"), pending("c"));
    conclude("a", Conclusion.FAILURE, new RetryOverride(5, null));
    conclude("b", Conclusion.RETRY);
    conclude("c", Conclusion.COMPLETE);
    List<KeptRow> before = store.rows();

    assertThat(conclude("a", Conclusion.COMPLETE, new RetryOverride(7, 7L))).isTrue();
    assertThat(conclude("b", Conclusion.FAILURE)).isTrue();
    assertThat(conclude("c", Conclusion.RETRY)).isFalse();
    assertThat(store.rows()).isEqualTo(before);
  }

  @Test
  @DisplayName("19.31, ours: a report is kept once it is answered, so no batching can lose it")
  final void conclude_isKeptOnceItIsAnswered() {
    add(pending("a"));
    claimOne();
    conclude("a", Conclusion.RETRY);

    store.reopen();

    assertThat(status("a")).isEqualTo(Status.RETRY);
  }

  @Test
  @DisplayName("8.1 late COMPLETE: a report counts after its deadline, too")
  final void conclude_countsHoweverLate() {
    add(pending("a"));
    claimOne();
    time.advance(PATIENCE.plus(MOMENT));
    sweep(Sweep.DEADLINES);
    assertThat(id(claimOne())).isEqualTo("a"); // with another worker by now

    assertThat(conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
  }

  @Test
  final void conclude_keepsWhatTheReportChangesInTheRetryState() {
    add(pending("a"));

    conclude("a", Conclusion.RETRY, new RetryOverride(9, 1L << 40));
    store.reopen();

    assertThat(row("a").retry()).isEqualTo(new RetryOverride(9, 1L << 40));
  }

  @Test
  @DisplayName("8.1 SetTaskStatus: with a next task, which is the one that was asked for")
  final void conclude_thenHandsOutTheNext() {
    add(
        pending("a"),
        pending("b").addedAt(NOON + 1),
        pending("c").application("other").addedAt(NOON + 2));
    claimOne();

    Concluded concluded =
        await(
            store
                .dispatch()
                .conclude(
                    new Report("a", Conclusion.COMPLETE, RetryOverride.NONE),
                    new ClaimFilter("other", null)));

    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next().map(StoreContract::id)).contains("c");
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(status("c")).isEqualTo(Status.PROCESSING);
    assertThat(status("b")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("Ours: the report comes first, so a worker never gets back what it just reported")
  final void conclude_isDoneBeforeTheNextIsLookedFor() {
    add(pending("a"));

    Concluded concluded =
        await(
            store
                .dispatch()
                .conclude(
                    new Report("a", Conclusion.FAILURE, RetryOverride.NONE), ClaimFilter.ANY));

    assertThat(concluded.next()).isEmpty();
    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }

  @Test
  final void conclude_handsOutTheNextEvenIfTheIdIsUnknown() {
    add(pending("a"));

    Concluded concluded =
        await(
            store
                .dispatch()
                .conclude(
                    new Report("nobody", Conclusion.COMPLETE, RetryOverride.NONE),
                    ClaimFilter.ANY));

    assertThat(concluded.known()).isFalse();
    assertThat(concluded.next().map(StoreContract::id)).contains("a");
  }

  @Test
  @DisplayName("19.32, 8.1 batch: reports are recorded as if each had come alone")
  final void concludeAll_recordsInOrder() {
    add(pending("done"), pending("failed").deadLettered(), pending("retry"));

    List<Boolean> known =
        await(
            store
                .dispatch()
                .concludeAll(
                    List.of(
                        new Report("done", Conclusion.COMPLETE, RetryOverride.NONE),
                        new Report("nobody", Conclusion.COMPLETE, RetryOverride.NONE),
                        new Report("", Conclusion.FAILURE, RetryOverride.NONE),
                        new Report("failed", Conclusion.FAILURE, RetryOverride.NONE),
                        new Report("retry", Conclusion.RETRY, new RetryOverride(null, 60L)),
                        new Report("done", Conclusion.RETRY, RetryOverride.NONE),
                        new Report("failed", Conclusion.RETRY, RetryOverride.NONE))));

    assertThat(known).containsExactly(true, false, false, true, true, false, true);
    assertThat(status("done")).isEqualTo(Status.COMPLETE);
    assertThat(status("failed")).isEqualTo(Status.FAILURE);
    assertThat(row("retry").retry().delayOnRetrySec()).isEqualTo(60);
  }

  @Test
  @DisplayName("8.1 batch: no reports")
  final void concludeAll_ofNothingIsNothing() {
    assertThat(await(store.dispatch().concludeAll(List.of()))).isEmpty();
  }

  // ---------------------------------------------------------------- taking back

  @Test
  @DisplayName("Ours: what certainly reached nobody regains its place, no attempt counted")
  final void release_putsItBackInItsPlace() {
    add(pending("a"), pending("b").addedAt(NOON + 1));
    Delivered first = claimOne();

    store.dispatch().release(List.of(first.claim()));

    assertThat(row("a").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  final void release_ofAnOldClaimLeavesTheNewOne() {
    add(pending("a"));
    Delivered old = claimOne();
    time.advance(PATIENCE.plus(MOMENT));
    sweep(Sweep.DEADLINES);
    claimOne();

    store.dispatch().release(List.of(old.claim()));

    assertThat(status("a")).isEqualTo(Status.PROCESSING);
  }

  @Test
  final void release_leavesWhatWasReportedOnOrReleased() {
    add(pending("a"), pending("b"));
    List<Claim> claims = List.of(claimOne().claim(), claimOne().claim());
    conclude("a", Conclusion.FAILURE);

    store.dispatch().release(claims);
    store.dispatch().release(claims);

    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(status("b")).isEqualTo(Status.PENDING);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 70_000}) // above the second's size a store may read later
  @DisplayName("Ours: what its recipient declines is due again before the recipient is answered")
  final void claim_takesBackWhatIsDeclined(int payloadBytes) {
    add(pending("a").payload(new byte[payloadBytes]), pending("b").addedAt(NOON + 1));
    List<String> asked = new ArrayList<>();
    DispatchStore.Recipient declining =
        claim -> {
          asked.add(claim.activation().id());
          return false;
        };

    assertThat(await(store.dispatch().claim(ClaimFilter.ANY, declining))).isEmpty();
    var report = new Report("unknown", Conclusion.COMPLETE, RetryOverride.NONE);
    assertThat(await(store.dispatch().conclude(report, ClaimFilter.ANY, declining)).next())
        .isEmpty();

    assertThat(asked).containsExactly("a", "b"); // what was declined lets others go first
    assertThat(row("a").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  @DisplayName("Ours: what broke off on its way lets others go first for a moment")
  final void brokeOff_makesItPendingBehindTheOthers_forAMoment() {
    add(pending("a"), pending("b").addedAt(NOON + 1), pending("c").addedAt(NOON + 2));
    store.dispatch().brokeOff(claimOne().claim(), null);
    assertThat(sweep(Sweep.EXPIRY)).isZero(); // what is asked afterwards finds it done

    assertThat(status("a")).isEqualTo(Status.PENDING);
    assertThat(row("a").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("b");
    store.dispatch().brokeOff(claimOne().claim(), null); // c
    assertThat(id(claimOne())).isEqualTo("a"); // nobody else is there
    add(pending("d").addedAt(NOON + 3));
    assertThat(id(claimOne())).isEqualTo("d");
  }

  @Test
  final void brokeOff_regainsItsPlaceAfterAMoment() {
    add(pending("a"), pending("b").addedAt(NOON + 1));
    store.dispatch().brokeOff(claimOne().claim(), null);
    assertThat(sweep(Sweep.EXPIRY)).isZero(); // what is asked afterwards finds it done
    time.advance(Duration.ofSeconds(1));

    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  @DisplayName("Ours: an activation that breaks off too often through its own fault is hopeless")
  final void brokeOff_isCountedIfTheActivationIsToBlame() {
    add(pending("a").deadLettered().offset(4));
    for (int attempt = 1; attempt <= SETTINGS.maxAttempts(); attempt++) {
      Claim claim = claimOne().claim();
      assertThat(claim.hopeless()).isNull();
      store.dispatch().brokeOff(claim, "fault " + attempt);
    }

    Delivered hopeless = claimOne();
    String reason = "3 deliveries of it have failed, the last with: fault 3";
    assertThat(hopeless.claim().hopeless()).isEqualTo(reason);
    assertThat(await(store.dispatch().reject(hopeless.claim(), hopeless.payload(), reason)))
        .isTrue();
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(store.outbox().take(Lane.DEAD_LETTER, 9, 1_000).getFirst().row().activation())
        .satisfies(remains -> assertThat(remains.defect()).contains("fault 3"));
  }

  @Test
  final void drop_endsWhatWasClaimed() {
    add(pending("a"), pending("b").addedAt(NOON + 1));
    Claim claim = claimOne().claim();
    store.dispatch().release(List.of(claim));
    Claim latest = claimOne().claim();
    store.dispatch().drop(claim); // which is no longer good
    assertThat(sweep(Sweep.EXPIRY)).isZero();
    assertThat(status("a")).isEqualTo(Status.PROCESSING);
    store.dispatch().drop(latest);
    assertThat(sweep(Sweep.EXPIRY)).isZero(); // what is asked afterwards finds it done

    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(id(claimOne())).isEqualTo("b");
  }

  // ---------------------------------------------------------------- payloads

  @Test
  final void aPayload_isGivenAsItCame() {
    byte[] bytes = new byte[70_000]; // above what a store may read in a hurry
    Arrays.fill(bytes, (byte) 7);
    add(pending("a").payload(bytes), pending("b").addedAt(NOON + 1).payload(new byte[] {1, 2}));

    assertThat(claimOne().payload()).isEqualTo(bytes);
    Optional<Delivered> second = claim();
    assertThat(second.map(Delivered::payload)).contains(new byte[] {1, 2});
  }
}
