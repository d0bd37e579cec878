package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server crashes while a sync is under way, which is tried again until it answers. */
class SyncAfterALossTest {
  private final SettableTime time = new SettableTime();
  private final InMemorySpace space = new InMemorySpace(time);
  private final LongSync journal = new LongSync(space);
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(1), 3), false),
          time,
          SystemThreads.INSTANCE,
          new CompletableFuture<Throwable>()::complete);

  /** A journal whose sync takes as long as the test wants, and the answer to a doubt, too. */
  private static final class LongSync extends ForwardingJournal {
    private final InMemorySpace space;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final AtomicInteger questions = new AtomicInteger();

    private final CountDownLatch found = new CountDownLatch(1);
    private final CountDownLatch mayTell = new CountDownLatch(1);
    private final AtomicBoolean crashes = new AtomicBoolean();
    private volatile boolean isInDoubt;

    LongSync(InMemorySpace space) {
      super(space.open("one"));
      this.space = space;
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      if (crashes.getAndSet(false)) {
        isInDoubt = true;
        space.crash(0);
        throw new JournalException.Unknown("the server has crashed", null);
      }
      super.apply(group, durability);
    }

    @Override
    public void sync() {
      begun.countDown();
      await(mayEnd);
      super.sync();
    }

    @Override
    public long lastGroup() {
      questions.incrementAndGet();
      long last = super.lastGroup();
      if (isInDoubt) {
        found.countDown();
        await(mayTell);
      }
      return last;
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @AfterEach
  void close() {
    journal.mayEnd.countDown();
    journal.mayTell.countDown();
    store.close();
  }

  private CompletableFuture<Integer> adding(String id) {
    return CompletableFuture.supplyAsync(
        () ->
            store
                .intake()
                .add(List.of(pending(id).offset(id.charAt(0)).arriving()), new AssignmentEpoch()),
        Thread::startVirtualThread);
  }

  @Test
  void whatCameInWithGroupsThatAreLost_isNotCalledSynced() throws InterruptedException {
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> store.holdings().awaited().isEmpty());
    int questions = journal.questions.get();
    CompletableFuture<Integer> adding = adding("a");
    journal.begun.await();

    space.crash(0);
    until(() -> journal.questions.get() > questions); // a beat has told
    until(() -> store.holdings().awaited().isEmpty());
    journal.mayEnd.countDown();

    assertThat(space.rows()).isEmpty();
    assertThatThrownBy(adding::join).hasCauseInstanceOf(StoreException.Unavailable.class);
  }

  /** From when the journal has found where it stands, a sync asks for no more than that. */
  @Test
  void whatCameInBeforeACrash_isNotCalledSynced_whileTheJournalTellsWhatBecameOfAGroup()
      throws InterruptedException {
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> store.holdings().awaited().isEmpty());
    CompletableFuture<Integer> adding = adding("a");
    journal.begun.await();
    journal.crashes.set(true);
    CompletableFuture<Integer> doubted = adding("b");
    journal.found.await();

    journal.mayEnd.countDown();

    assertThatThrownBy(adding::join).hasCauseInstanceOf(StoreException.Unavailable.class);
    journal.mayTell.countDown();
    assertThatThrownBy(doubted::join).hasCauseInstanceOf(StoreException.Unavailable.class);
  }
}
