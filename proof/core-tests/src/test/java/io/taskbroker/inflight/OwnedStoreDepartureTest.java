package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rows that are taken to be published: that a record may be in Kafka is written down before it goes
 * there, where it must not go twice. What cannot be written does not leave.
 */
@Timeout(60)
class OwnedStoreDepartureTest {
  private final InMemoryFile file = new InMemoryFile();
  private BadRowJournal journal = new BadRowJournal(file);
  private OwnedStore store = open();

  private OwnedStore open() {
    return OwnedStore.open(
        journal,
        new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
        new SettableTime(),
        SystemThreads.INSTANCE,
        _ -> {});
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void whatCannotBeWritten_doesNotLeave_andTheOthersDo() {
    addRetries();
    journal.unwritable.add("once");

    assertThat(take()).containsExactly("often", "once too");

    store.close();
    journal = new BadRowJournal(file);
    store = open();
    assertThat(take()).contains("once"); // for the first time
  }

  @Test
  void whatWasTakenWhenTheDiskFilledUp_leaves_andTheRestLater() {
    addRetries();
    journal.failures.addAll(List.of(Extent.ROWS, Extent.ROWS, Extent.FILE));

    List<String> first = take();
    assertThat(first).containsExactly("often"); // of which nothing has to be written
    assertThat(take()).containsExactlyInAnyOrder("once", "once too");
  }

  /** Two that may leave once, and between them one that may leave as often as it takes. */
  private void addRetries() {
    store
        .intake()
        .add(
            List.of(
                Activations.pending("once").offset(0).atMostOnce().arriving(),
                Activations.pending("often").offset(1).arriving(),
                Activations.pending("once too").offset(2).atMostOnce().arriving()),
            new AssignmentEpoch());
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 3L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    for (String id : List.of("once", "often", "once too")) {
      Report report = new Report(id, Conclusion.RETRY, RetryOverride.NONE);
      assertThat(StoreContract.await(store.dispatch().conclude(report, null)).known()).isTrue();
    }
  }

  private List<String> take() {
    return store.outbox().take(Lane.RETRY, 10, 1_000_000).stream()
        .map(taken -> taken.row().activation().id())
        .toList();
  }
}
