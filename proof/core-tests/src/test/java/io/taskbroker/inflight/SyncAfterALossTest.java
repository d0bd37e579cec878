package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.Signal;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server crashes while a sync is under way, which is tried again until it answers. */
class SyncAfterALossTest {
  private final SettableTime time = new SettableTime();
  private final InMemorySpace space = new InMemorySpace(time);
  private final LongSync journal = new LongSync(space.open("one"));
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(1), 3), false),
          time,
          SystemThreads.INSTANCE,
          new CompletableFuture<Throwable>()::complete);

  /** A journal whose sync takes as long as the test wants. */
  private static final class LongSync extends ForwardingJournal {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final AtomicInteger questions = new AtomicInteger();

    LongSync(Journal journal) {
      super(journal);
    }

    @Override
    public void sync() {
      begun.countDown();
      try {
        mayEnd.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      super.sync();
    }

    @Override
    public long lastGroup() {
      questions.incrementAndGet();
      return super.lastGroup();
    }
  }

  @AfterEach
  void close() {
    journal.mayEnd.countDown();
    store.close();
  }

  private static void until(BooleanSupplier condition) {
    Signal never = SystemThreads.INSTANCE.signal();
    while (!condition.getAsBoolean()) {
      boolean _ = never.await(Duration.ofMillis(2));
    }
  }

  @Test
  void whatCameInWithGroupsThatAreLost_isNotCalledSynced() throws InterruptedException {
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> store.holdings().awaited().isEmpty());
    int questions = journal.questions.get();
    CompletableFuture<Integer> adding =
        CompletableFuture.supplyAsync(
            () -> store.intake().add(List.of(pending("a").arriving()), new AssignmentEpoch()),
            Thread::startVirtualThread);
    journal.begun.await();

    space.crash(0);
    until(() -> journal.questions.get() > questions); // a beat has told
    until(() -> store.holdings().awaited().isEmpty());
    journal.mayEnd.countDown();

    assertThat(space.rows()).isEmpty();
    assertThatThrownBy(adding::join).hasCauseInstanceOf(StoreException.Unavailable.class);
  }
}
