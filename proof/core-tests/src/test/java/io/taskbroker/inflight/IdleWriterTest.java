package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.GatedJournal.Gate;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What can wait is done while nobody does. */
class IdleWriterTest {
  private static final StoreSettings SETTINGS =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);

  private static final class NotingJournal extends ForwardingJournal {
    final Gate beforeWrites = new Gate();
    final Semaphore tidied = new Semaphore(0);
    private final List<String> calls = new ArrayList<>();

    NotingJournal() {
      super(new InMemoryFile().open());
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      beforeWrites.pass();
      note("write");
      super.apply(group, durability);
    }

    @Override
    public void tidy() {
      note("tidy");
      tidied.release();
    }

    private synchronized void note(String call) {
      calls.add(call);
    }

    synchronized List<String> takeCalls() {
      List<String> taken = List.copyOf(calls);
      calls.clear();
      return taken;
    }
  }

  @Test
  void tidies_andNotWhileACallWaits() throws InterruptedException {
    NotingJournal journal = new NotingJournal();
    try (OwnedStore store =
        OwnedStore.open(journal, SETTINGS, new SettableTime(), SystemThreads.INSTANCE, _ -> {})) {
      store
          .intake()
          .add(
              List.of(Activations.pending("a").arriving(), Activations.pending("b").arriving()),
              new AssignmentEpoch());
      journal.beforeWrites.shut();
      var first = store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture();
      journal.beforeWrites.awaitArrival();
      journal.takeCalls();
      journal.tidied.drainPermits();
      var second = store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture();

      journal.beforeWrites.open();
      assertThat(first.join()).isPresent();
      assertThat(second.join()).isPresent();
      assertThat(journal.tidied.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
      assertThat(journal.takeCalls()).startsWith("write", "write", "tidy");
    }
  }
}
