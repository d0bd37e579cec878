package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store over a journal that brokers share, and that cannot be reached for a while. */
class SharedDoubtTest {
  private final SettableTime time = new SettableTime();
  private final FaultyJournal journal = new FaultyJournal(new InMemorySpace(time).open("one"));
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          failure::complete);

  @BeforeEach
  void haveATask() {
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> store.holdings().awaited().isEmpty());
    int _ = store.intake().add(List.of(pending("a").arriving()), new AssignmentEpoch());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Optional<Delivered> claim() {
    return store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
  }

  private void cannotBeAskedThreeTimes() {
    for (int i = 1; i <= 3; i++) {
      journal.fail(Call.IS_WRITTEN, journal.calls(Call.IS_WRITTEN) + i, Fault.NOTHING_CHANGED);
    }
  }

  @Test
  void aGroupOfUnknownResultIsAskedForUntilTheJournalAnswers_andCountsIfItIsThere() {
    journal.failNext(Call.APPLY, Fault.UNKNOWN_BUT_DONE);
    cannotBeAskedThreeTimes();

    assertThat(claim()).isPresent();

    assertThat(journal.calls(Call.IS_WRITTEN)).isEqualTo(4);
    assertThat(claim()).isEmpty();
    assertThat(failure).isNotDone();
  }

  @Test
  void aGroupOfUnknownResultIsAskedForUntilTheJournalAnswers_andIsTakenBackIfItIsNotThere() {
    journal.failNext(Call.APPLY, Fault.UNKNOWN_NOT_DONE);
    cannotBeAskedThreeTimes();

    assertThatThrownBy(this::claim)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("was not written");

    until(() -> claim().isPresent()); // at first nothing is handed out after a failed write
    assertThat(failure).isNotDone();
  }
}
