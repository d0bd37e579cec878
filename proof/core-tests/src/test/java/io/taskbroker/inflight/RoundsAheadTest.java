package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.journal.InMemorySpace;
import io.taskbroker.testkit.store.StoreContract;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What hand-outs are numbered by is reserved before a worker waits for it. */
class RoundsAheadTest {
  private static final StoreSettings SETTINGS =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);

  /** A block of numbers is used up after so long, since a clock may use one each millisecond. */
  private static final Duration BLOCK = Duration.ofMillis(1L << 24);

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private final CompletableFuture<Throwable> end = new CompletableFuture<>();
  private final BlockingQueue<Optional<String>> troubles = new LinkedBlockingQueue<>();

  /** Keeps account of what is written, on a disk that may be full. */
  private static final class NotingJournal extends ForwardingJournal {
    private final List<GatedJournal.Write> writes = new ArrayList<>();
    private boolean isFull;

    NotingJournal(Journal journal) {
      super(journal);
    }

    synchronized void full(boolean full) {
      isFull = full;
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      synchronized (this) {
        if (isFull) {
          throw new JournalException.NothingChanged("the disk is full", new IOException("ENOSPC"));
        }
      }
      super.apply(group, durability);
      synchronized (this) {
        writes.add(new GatedJournal.Write(group, durability));
      }
    }

    synchronized List<GatedJournal.Write> writes() {
      return List.copyOf(writes);
    }

    List<GatedJournal.Write> reservations() {
      return writes().stream()
          .filter(write -> !write.group().changes().orders().isEmpty())
          .toList();
    }
  }

  private OwnedStore open(Journal journal) {
    return OwnedStore.open(
        journal,
        SETTINGS,
        time,
        SystemThreads.INSTANCE,
        troubles::add,
        end::complete,
        EventSink.none());
  }

  private static void add(OwnedStore store, String id) {
    store.intake().add(List.of(pending(id).arriving()), new AssignmentEpoch());
  }

  private static Optional<Delivered> claim(OwnedStore store) {
    return StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
  }

  private static void assertReservesAndDoesNothingElse(GatedJournal.Write write) {
    assertThat(write.durability()).isEqualTo(Durability.POWER_CUT);
    assertThat(write.group().changes().orders())
        .extracting(StandingOrder::name)
        .containsExactly("rounds");
    assertThat(write.group().changes().inserted()).isEmpty();
    assertThat(write.group().changes().updated()).isEmpty();
  }

  @Test
  void theFirstHandOutOfAProcess_isWrittenWithoutASync() {
    for (String id : List.of("a", "b")) {
      NotingJournal journal = new NotingJournal(file.open());
      try (OwnedStore store = open(journal)) {
        add(store, id);
        assertThat(claim(store)).isPresent();

        assertThat(journal.writes().getLast().durability()).isEqualTo(Durability.PROCESS_CRASH);
        assertThat(journal.reservations()).hasSize(1);
        assertReservesAndDoesNothingElse(journal.writes().getFirst());
      }
    }
  }

  @Test
  void aStoreThatHasNothingToDo_reservesOnce_andThenWritesNothing() {
    NotingJournal journal = new NotingJournal(file.open());
    try (OwnedStore store = open(journal)) {
      for (int i = 0; i < 50; i++) {
        time.advance(Duration.ofMinutes(1));
        assertThat(claim(store)).isEmpty();
      }

      assertThat(journal.writes()).hasSize(1);
    }
  }

  @Test
  void aStoreOnAFullDisk_opensAndSaysSo_andReservesOnceThereIsRoom() throws Exception {
    NotingJournal journal = new NotingJournal(file.open());
    journal.full(true);
    try (OwnedStore store = open(journal)) {
      assertThat(troubles.poll(60, TimeUnit.SECONDS)).hasValueSatisfying(this::isOfTheDisk);
      assertThatThrownBy(() -> claim(store)).isInstanceOf(StoreException.Unavailable.class);

      journal.full(false);
      until(() -> troubles.contains(Optional.empty()));
      time.advance(RoundsAhead.REST);
      assertThat(claim(store)).isEmpty();
      add(store, "a");

      assertThat(journal.reservations()).hasSize(1);
      assertReservesAndDoesNothingElse(journal.reservations().getFirst());
      assertThat(claim(store)).isPresent();
      assertThat(journal.reservations()).hasSize(1);
    }
  }

  /** Or the next process could give those numbers again. */
  @Test
  void aHandOutThatFindsNoneReserved_reservesThemItself_andIsSynced() {
    NotingJournal journal = new NotingJournal(file.open());
    journal.full(true);
    try (OwnedStore store = open(journal)) {
      until(() -> !troubles.isEmpty());
      journal.full(false);
      until(() -> troubles.contains(Optional.empty()));
      add(store, "a");
      assertThat(journal.reservations()).isEmpty();

      assertThat(claim(store)).isPresent();

      GatedJournal.Write handOut = journal.reservations().getFirst();
      assertThat(handOut.durability()).isEqualTo(Durability.POWER_CUT);
      assertThat(handOut.group().changes().updated()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aReservationThatFails_endsTheStoreOnlyIfNothingMayBeWrittenAnyMore(Fault fault) {
    FaultyJournal journal = new FaultyJournal(file);
    journal.fail(Call.APPLY, 1, fault);
    try (OwnedStore store = open(journal)) {
      switch (fault) {
        case NOTHING_CHANGED, UNKNOWN_NOT_DONE, UNKNOWN_BUT_DONE -> {
          add(store, "a");
          until(() -> isFree(store));
        }
        case FINAL, FINAL_BUT_DONE, CRASH_BEFORE, CRASH_AFTER -> {
          assertThat(StoreContract.await(end)).hasCauseInstanceOf(JournalException.Final.class);
          assertThatThrownBy(() -> claim(store)).isInstanceOf(StoreException.Closed.class);
        }
      }
    }
  }

  @Test
  void whoeverCallsBeforeAReservationFailsForGood_isAnswered() throws Exception {
    GatedJournal.Gate beforeWrites = new GatedJournal.Gate();
    beforeWrites.shut();
    Journal journal =
        new ForwardingJournal(file.open()) {
          @Override
          public void apply(JournalGroup group, Durability durability) {
            beforeWrites.pass();
            throw new JournalException.Final("a sync has failed", new IOException("EIO"));
          }
        };
    try (OwnedStore store = open(journal)) {
      beforeWrites.awaitArrival();
      var claim = store.dispatch().claim(ClaimFilter.ANY);
      beforeWrites.open();

      assertThatThrownBy(() -> StoreContract.await(claim))
          .isInstanceOf(StoreException.Closed.class);
    }
  }

  /** Whether it hands out again. */
  private static boolean isFree(OwnedStore store) {
    try {
      return claim(store).isPresent();
    } catch (StoreException.Unavailable _) {
      return false;
    }
  }

  private void isOfTheDisk(String trouble) {
    assertThat(trouble).contains("the disk is full");
  }

  /** Without having used what was reserved, too: what is left of it must not be used twice. */
  @Test
  void eachProcessReservesAnew() {
    List<String> ends = new ArrayList<>();
    for (int process = 0; process < 3; process++) {
      NotingJournal journal = new NotingJournal(file.open());
      try (OwnedStore store = open(journal)) {
        assertThat(claim(store)).isEmpty();
      }
      file.cutPower(0);
      ends.add(
          String.valueOf(journal.writes().getFirst().group().changes().orders().getFirst().text()));
    }

    assertThat(ends.stream().map(Long::parseLong)).isSorted().doesNotHaveDuplicates();
  }

  /** Rows of another broker move the numbers on to the clock. */
  @Test
  void aBlockThatIsNearlyUsedUp_isRenewedByAGroupOfItsOwn() {
    NotingJournal journal = new NotingJournal(new InMemorySpace(time).open("one"));
    try (OwnedStore store = open(journal)) {
      assertThat(claim(store)).isEmpty();
      assertThat(journal.reservations()).hasSize(1);

      var _ = time.stepWall(BLOCK.minusMinutes(1));
      store.intake().assigned(Map.of(ORIGIN, 0L));
      until(() -> store.holdings().awaited().isEmpty());
      add(store, "a");
      assertThat(claim(store)).isPresent();

      assertThat(journal.reservations())
          .hasSize(2)
          .allSatisfy(RoundsAheadTest::assertReservesAndDoesNothingElse);
    }
  }
}
