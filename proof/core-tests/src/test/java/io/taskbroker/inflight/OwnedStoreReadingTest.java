package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows that are to blame are told from a disk that is in trouble for a while. */
@Timeout(60)
class OwnedStoreReadingTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final BadRowJournal journal = new BadRowJournal(new InMemoryFile());
  private final BlockingQueue<Optional<String>> reading = new LinkedBlockingQueue<>();
  private Store store = open(journal);

  private Store open(Journal under) {
    return OwnedStore.over(under, new StoreSettings(ENGINE, false))
        .open(time, SystemThreads.INSTANCE, new Watch(), EventSink.none());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void add(int tasks, int bytes) {
    store
        .intake()
        .add(
            IntStream.range(0, tasks)
                .mapToObj(
                    i -> Activations.pending("t" + i).offset(i).payload(new byte[bytes]).arriving())
                .toList(),
            new AssignmentEpoch());
  }

  private Optional<Delivered> claim() {
    return StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
  }

  @Test
  void whereEveryRowIsDamaged_everyRowIsPutAside() {
    add(3, 10);
    journal.damaged.addAll(List.of(1L, 2L, 3L));

    assertThat(claim()).isEmpty();

    assertThat(store.sweeps().depths().pending()).isZero();
    assertThat(reading).isEmpty();
  }

  @Test
  void whileTheDiskIsInTrouble_noRowIsPutAside_andOneIsToldOnceItWorks() throws Exception {
    add(1, 10); // the only row, so that there is none to compare it with
    journal.blind = true;

    assertThatThrownBy(this::claim).isInstanceOf(StoreException.Unavailable.class);
    assertThat(reading.take()).contains("the sector is bad");

    journal.blind = false;
    assertThat(claim()).isPresent();
    assertThat(reading.take()).isEmpty();
  }

  @Test
  void whenTheLastRowIsOver_nothingIsSaidToBeUnreadableAnyMore() throws Exception {
    add(1, 10);
    journal.blind = true;
    assertThatThrownBy(this::claim).isInstanceOf(StoreException.Unavailable.class);
    assertThat(reading.take()).isPresent();

    assertThat(store.rules().drop(List.of(1L))).isEqualTo(1);

    assertThat(reading.take()).isEmpty();
  }

  @Test
  void aBadRecordThatCannotLeave_isSomethingLeftToRead() {
    Activation bad = Activation.badRecord(Activations.ORIGIN, 0, 0, 0, 10, "it is no task");
    store.intake().add(List.of(new NewActivation(bad, new byte[10])), new AssignmentEpoch());
    journal.blind = true;

    assertThatThrownBy(() -> store.outbox().take(Lane.DEAD_LETTER, 10, 1_000))
        .isInstanceOf(StoreException.Unavailable.class);
    int _ = store.sweeps().sweep(Sweep.DEADLINES, 10); // facts come before it
    int _ = store.sweeps().sweep(Sweep.DEADLINES, 10); // and the turn of the first one is over

    assertThat(reading).containsExactly(Optional.of("the sector is bad"));
  }

  @Test
  void aTroubleThatPassesWhileItIsLookedInto_putsNoRowAside() {
    add(2, 10);
    journal.failingReads.set(2); // the first one, and again at once

    assertThat(claim()).isPresent();
    assertThat(claim()).isPresent();
  }

  @Test
  void aLargePayload_isHandedOut_onceTheDiskWorks() {
    add(1, 100_000);
    journal.blind = true;
    assertThatThrownBy(this::claim).isInstanceOf(StoreException.Unavailable.class);

    journal.blind = false;
    awaitPending();
    assertThat(claim()).isPresent();
  }

  @Test
  void aWorkerHasItsWholeTime_thoughItsClaimWasWrittenLate() {
    store.close();
    store = open(new SlowJournal());
    store
        .intake()
        .add(
            List.of(
                Activations.pending("late")
                    .atMostOnce()
                    .deadline(Duration.ofSeconds(2))
                    .payload(new byte[100_000])
                    .arriving()),
            new AssignmentEpoch());
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 1L));
    int _ = store.sweeps().sweep(Sweep.COMMITTED, 10);

    assertThat(claim()).isPresent(); // which takes ten seconds
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();

    time.advance(Duration.ofSeconds(6));
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isEqualTo(1);
  }

  private void awaitPending() {
    while (store.sweeps().depths().pending() == 0) {
      Thread.onSpinWait();
    }
  }

  private final class Watch implements StoreWatch {
    @Override
    public void writing(Optional<String> trouble) {}

    @Override
    public void reading(Optional<String> trouble) {
      reading.add(trouble);
    }

    @Override
    public void failed(Throwable cause) {}
  }

  /** Takes ten seconds for each group that has to survive a power cut. */
  private final class SlowJournal extends ForwardingJournal {
    SlowJournal() {
      super(new InMemoryFile().open());
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      super.apply(group, durability);
      if (durability == Durability.POWER_CUT) {
        time.advance(Duration.ofSeconds(10));
      }
    }
  }
}
