package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysOfNewRowsTest {
  private static final StoreSettings SETTINGS =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);

  /** In which something is left of row 7, though the row is gone. */
  private static final class JournalWithRemains extends ForwardingJournal {
    JournalWithRemains() {
      super(new InMemoryFile().open());
    }

    @Override
    public long lastKey() {
      return 7;
    }
  }

  @Test
  void areAboveThoseOfWhichSomethingIsLeft() {
    try (OwnedStore store =
        OwnedStore.open(
            new JournalWithRemains(),
            SETTINGS,
            new SettableTime(),
            SystemThreads.INSTANCE,
            _ -> {})) {
      store.intake().add(List.of(Activations.pending("a").arriving()), new AssignmentEpoch());

      Delivered task = StoreContract.await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow();
      assertThat(task.claim().key()).isEqualTo(8);
    }
  }
}
