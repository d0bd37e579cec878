package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.KeptRow;
import io.taskbroker.testkit.store.ModelStore;
import io.taskbroker.testkit.store.RandomHistory;
import io.taskbroker.testkit.store.StoreContract;
import io.taskbroker.testkit.store.StorePlayer;
import io.taskbroker.testkit.store.StorePlayer.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The owned store over a journal that fails at each of its writes in turn, in each way in which a
 * journal may fail.
 */
class OwnedStoreFaultTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final int STEPS = 90;
  private static final long SEED = 7;

  /** The first writes, for which nobody waits. */
  private static final int UNATTENDED = 2;

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aWriteThatFails_leavesTheStoreEqualToTheModel(Fault fault) {
    int writes = new Life(fault, 0).play();
    assertThat(writes).isGreaterThan(STEPS / 4); // or the history exercises too little
    for (int number = 1; number <= writes; number++) {
      new Life(fault, number).play();
    }
  }

  /** One life of a store with the same history each time; its write of this number fails. */
  private static final class Life {
    private final String name;
    private final Fault fault;
    private final SettableTime time = new SettableTime();
    private final ModelStore reference = new ModelStore(ENGINE, time);
    private final StorePlayer theirs = new StorePlayer(Ports.of(reference));
    private final InMemoryFile file = new InMemoryFile();
    private final FaultyJournal journal = new FaultyJournal(file);
    private final List<Throwable> fatal = new ArrayList<>();
    private final OwnedStore store;
    private final StorePlayer ours;

    Life(Fault fault, int failingWrite) {
      this.fault = fault;
      this.name = "seed " + SEED + ", write " + failingWrite + " fails with " + fault;
      if (failingWrite > 0) { // after those of numbers and of the acknowledged position
        journal.fail(Call.APPLY, failingWrite + UNATTENDED, fault);
      }
      store =
          OwnedStore.open(
              journal, new StoreSettings(ENGINE, false), time, SystemThreads.INSTANCE, fatal::add);
      ours = new StorePlayer(ports(store));
    }

    private static Ports ports(OwnedStore store) {
      return Ports.of(store);
    }

    /** How many writes there were. */
    int play() {
      for (StorePlayer player : List.of(ours, theirs)) {
        player.acknowledge(Map.of(ORIGIN, 1_000L));
        player.sweep(Sweep.COMMITTED);
      }
      awaitFacts();
      var random = new Random(SEED);
      var history = new RandomHistory(random, time);
      for (int step = 0; step < STEPS; step++) {
        time.advance(Duration.ofMillis(random.nextInt(2_000)));
        if (!playOne(history.answered())) {
          findAllInTheNextProcess();
          return 0;
        }
      }
      store.close();
      return journal.calls(Call.APPLY) - UNATTENDED;
    }

    /** Whether the store lives on. */
    private boolean playOne(RandomHistory.Step step) {
      String where = name + ": " + step.name();
      try {
        Object answer = step.play().apply(ours);
        awaitFacts();
        assertThat(answer).as(where).isEqualTo(step.play().apply(theirs));
      } catch (StoreException.Unavailable _) {
        assertThat(fault).as(where).isIn(Fault.NOTHING_CHANGED, Fault.UNKNOWN_NOT_DONE);
        awaitFacts(); // until it can write again it hands nothing out
      } catch (StoreException.Closed _) {
        assertThat(fault)
            .as(where)
            .isNotIn(Fault.NOTHING_CHANGED, Fault.UNKNOWN_NOT_DONE, Fault.UNKNOWN_BUT_DONE);
        if (fault == Fault.FINAL_BUT_DONE || fault == Fault.CRASH_AFTER) {
          var _ = step.play().apply(theirs);
        }
        return false;
      }
      assertThat(rows(journal)).as(where).isEqualTo(reference.rows());
      assertThat(ours.measures()).as(where).isEqualTo(theirs.measures());
      return true;
    }

    /**
     * Waits until what has happened outside is written.
     *
     * @throws StoreException.Closed if the store has died of it
     */
    private void awaitFacts() {
      while (store.waiting() > 0) {
        Thread.onSpinWait();
      }
      var _ = store.rules().find(Set.of(), 0);
    }

    private void findAllInTheNextProcess() {
      for (CompletionStage<?> late :
          List.of(
              store
                  .dispatch()
                  .conclude(
                      new Report("t1", Conclusion.COMPLETE, RetryOverride.NONE), ClaimFilter.ANY),
              store.dispatch().claim(ClaimFilter.ANY))) {
        assertThatThrownBy(() -> StoreContract.await(late))
            .as(name)
            .isInstanceOf(StoreException.Closed.class);
      }
      store.close();
      assertThat(fatal).as(name).hasSize(1);
      try (FaultyJournal next = new FaultyJournal(file)) {
        assertThat(rows(next)).as(name).isEqualTo(reference.rows());
      }
    }
  }

  // ---------------------------------------------------------------- a sync beside the writer

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aSyncThatFails_endsTheStore(Fault fault) throws InterruptedException {
    FaultyJournal journal = new FaultyJournal(new InMemoryFile());
    journal.failNext(Call.SYNC, fault);
    List<Throwable> fatal = new ArrayList<>();
    CountDownLatch ended = new CountDownLatch(1);
    try (OwnedStore store =
        OwnedStore.open(
            journal,
            new StoreSettings(ENGINE, false),
            new SettableTime(),
            SystemThreads.INSTANCE,
            reason -> {
              fatal.add(reason);
              ended.countDown();
            })) {
      assertThatThrownBy(() -> add(store, "a", new HashSet<>()))
          .isInstanceOf(StoreException.Closed.class);
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(fatal).hasSize(1);
      assertThatThrownBy(() -> StoreContract.await(store.dispatch().claim(ClaimFilter.ANY)))
          .isInstanceOf(StoreException.Closed.class);
    }
  }

  private static List<KeptRow> rows(FaultyJournal journal) {
    List<StoredActivation> rows = new ArrayList<>();
    journal.load(_ -> {}, rows::add);
    return rows.stream().map(KeptRow::of).toList();
  }

  // ---------------------------------------------------------------- many callers

  @ParameterizedTest
  @EnumSource(Fault.class)
  void everyCallerIsAnswered_whateverFailsUnderMany(Fault fault) throws InterruptedException {
    for (int number = 2; number <= 6; number++) {
      crowd(fault, number);
    }
  }

  private static void crowd(Fault fault, int failingWrite) throws InterruptedException {
    String name = "write " + failingWrite + " fails with " + fault;
    InMemoryFile file = new InMemoryFile();
    FaultyJournal journal = new FaultyJournal(file);
    journal.fail(Call.APPLY, failingWrite, fault);
    Set<String> added = ConcurrentHashMap.newKeySet();
    Set<String> finished = ConcurrentHashMap.newKeySet();
    OwnedStore store =
        OwnedStore.open(
            journal,
            new StoreSettings(ENGINE, false),
            new SettableTime(),
            SystemThreads.INSTANCE,
            _ -> {});
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String id = "a" + i;
      calls.add(() -> add(store, id, added));
      calls.add(() -> finish(store, id, finished));
      calls.add(() -> store.sweeps().sweep(Sweep.EXPIRY, 10));
    }
    CountDownLatch unanswered = new CountDownLatch(calls.size());
    calls.forEach(call -> Thread.startVirtualThread(() -> untilAnswered(call, unanswered)));
    assertThat(unanswered.await(60, TimeUnit.SECONDS)).as("all answered when " + name).isTrue();

    store.close();
    try (FaultyJournal next = new FaultyJournal(file)) {
      Map<String, Status> kept =
          rows(next).stream().collect(Collectors.toMap(KeptRow::id, KeptRow::status));
      assertThat(kept.keySet()).as(name).containsAll(added);
      finished.forEach(id -> assertThat(kept.get(id)).as(name).isEqualTo(Status.COMPLETE));
    }
  }

  private static void add(OwnedStore store, String id, Set<String> added) {
    store.intake().add(List.of(Activations.pending(id).arriving()), new AssignmentEpoch());
    added.add(id);
  }

  private static void finish(OwnedStore store, String id, Set<String> finished) {
    Report report = new Report(id, Conclusion.COMPLETE, RetryOverride.NONE);
    if (StoreContract.await(store.dispatch().conclude(report, ClaimFilter.ANY)).known()) {
      finished.add(id);
    }
  }

  private static void untilAnswered(Runnable call, CountDownLatch unanswered) {
    try {
      call.run();
      unanswered.countDown();
    } catch (StoreException _) {
      unanswered.countDown(); // told, which is all that is asked
    }
  }
}
