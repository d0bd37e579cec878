package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemorySpace;
import io.taskbroker.testkit.journal.SharedJournal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A broker that could not look for what other brokers have taken for it, and then can. */
class LateReportsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final SettableTime time = new SettableTime();
  private final InMemorySpace space = new InMemorySpace(time);
  private final SharedJournal other = space.open("other");
  private final OutOfReach journal = new OutOfReach(space.open("one"));
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(1), 3), false),
          time,
          SystemThreads.INSTANCE,
          new CompletableFuture<Throwable>()::complete);

  /** A journal whose reports cannot be read for a while. */
  private static final class OutOfReach extends ForwardingJournal {
    private final SharedJournal journal;
    private volatile boolean isAway;
    private final AtomicInteger looks = new AtomicInteger();

    OutOfReach(SharedJournal journal) {
      super(journal);
      this.journal = journal;
    }

    @Override
    public Optional<Sharing> sharing() {
      return Optional.of(new Sharing(journal, journal, elsewhere()));
    }

    private Elsewhere elsewhere() {
      return new Elsewhere() {
        @Override
        public List<Boolean> leave(List<Report> reports) {
          return journal.leave(reports);
        }

        @Override
        public List<Left> left(Collection<Partition> partitions, int most) {
          looks.incrementAndGet();
          if (isAway) {
            throw new JournalException.NothingChanged("not reached", null);
          }
          return journal.left(partitions, most);
        }
      };
    }
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
  }

  private void lookTwice() {
    int looks = journal.looks.get();
    until(
        () -> {
          time.advance(Duration.ofMillis(100));
          return journal.looks.get() > looks + 1;
        });
  }

  private void handOut(String id) {
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> store.holdings().awaited().isEmpty());
    int _ =
        store
            .intake()
            .add(List.of(pending(id).deadline(DEADLINE).arriving()), new AssignmentEpoch());
    assertThat(store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join()).isPresent();
  }

  @Test
  void aReportThatAnotherBrokerTookBeforeTheDeadline_counts() {
    handOut("a");
    journal.isAway = true;
    lookTwice();
    assertThat(
            other.leave(
                List.of(
                    new Elsewhere.Report("a", 0, Conclusion.COMPLETE, RetryOverride.NONE, null))))
        .containsExactly(true);

    time.advance(DEADLINE.multipliedBy(3));
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();
    journal.isAway = false;
    lookTwice();

    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();
    until(() -> store.sweeps().depths().unfinished() == 0);
  }

  @Test
  void aDeadlineIsJudged_onceNobodyCanHaveTakenAReportBeforeIt() {
    handOut("a");
    time.advance(DEADLINE.multipliedBy(3));
    lookTwice();

    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isOne();
  }
}
