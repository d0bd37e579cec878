package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The outbox over a journal that cannot read for a moment. */
class OwnedStoreOutboxFaultTest {
  private final FaultyJournal journal = new FaultyJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          new SettableTime(),
          SystemThreads.INSTANCE,
          _ -> {});

  @AfterEach
  void close() {
    store.close();
  }

  private void addRetry(Activations task) {
    store.intake().add(List.of(task.arriving()), new AssignmentEpoch());
    Report report = new Report(task.build().id(), Conclusion.RETRY, RetryOverride.NONE);
    store.dispatch().conclude(report, null).toCompletableFuture().join();
  }

  @Test
  void whatCouldNotBeReadForAMoment_isReadAgainAtOnce() {
    addRetry(Activations.pending("a"));
    journal.failNext(Call.PAYLOADS, Fault.NOTHING_CHANGED);

    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000_000)).hasSize(1);
  }

  @Test
  void whatIsLargeAndCouldNotBeReadForAMoment_isReadAgainAtOnce() {
    addRetry(Activations.pending("a").payload(new byte[200_000]));
    journal.failNext(Call.LARGE_PAYLOAD, Fault.NOTHING_CHANGED);

    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000_000)).hasSize(1);
  }

  @Test
  void whatCouldNotBeRead_forWhateverReason_isTakenAgain() {
    addRetry(Activations.pending("a"));
    journal.failNext(Call.PAYLOADS, Fault.UNKNOWN_NOT_DONE);

    assertThatThrownBy(() -> store.outbox().take(Lane.RETRY, 10, 1_000_000))
        .isInstanceOf(StoreException.Rejected.class);

    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000_000)).hasSize(1);
  }
}
