package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes ready in the very group in which somebody begins to wait for it. */
class OwnedStoreWakingTest {
  private static final TimeSource TIME =
      () -> new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);

  /** Of the real clock, so no machine is too slow for it. */
  private static final Duration LONG = Duration.ofMinutes(5);

  private final GatedJournal journal = new GatedJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(
              new EngineSettings(Duration.ofSeconds(3), 3),
              false,
              StoreSettings.MAX_WAITING,
              LONG,
              StoreSettings.MAX_WAITERS),
          TIME,
          SystemThreads.INSTANCE,
          _ -> {});
  private long offset;

  @AfterEach
  void close() {
    journal.beforeWrites.open();
    store.close();
  }

  /** Waits for minutes, and takes whatever comes. */
  private static final class Patient implements Recipient {
    private final Moment until = TIME.now().plus(LONG);

    @Override
    public boolean accepts(Claim claim) {
      return true;
    }

    @Override
    public Moment waitsUntil() {
      return until;
    }
  }

  private CompletableFuture<Optional<Delivered>> claim(String application, Recipient recipient) {
    return store
        .dispatch()
        .claim(new ClaimFilter(application, null), recipient)
        .toCompletableFuture();
  }

  private void add(List<Activations> tasks) {
    List<NewActivation> batch = new ArrayList<>();
    for (Activations task : tasks) {
      batch.add(task.offset(offset++).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
  }

  /** The writer stands before a write; whatever is asked meanwhile is one group afterwards. */
  private CompletableFuture<Void> busyWriter() throws InterruptedException {
    journal.beforeWrites.shut();
    CompletableFuture<Void> storing =
        CompletableFuture.runAsync(
            () -> add(List.of(Activations.pending("other").application("another"))));
    journal.beforeWrites.awaitArrival();
    return storing;
  }

  private static String idOf(CompletableFuture<Optional<Delivered>> answer) {
    return answer
        .orTimeout(60, TimeUnit.SECONDS)
        .join()
        .map(task -> task.claim().activation().id())
        .orElse("nothing");
  }

  @Test
  void whatIsHandedBackBesideTheCall_isGivenToIt() throws InterruptedException {
    add(List.of(Activations.pending("a").application("shop")));
    Claim claim = claim("shop", Recipient.OF_ANYTHING).join().orElseThrow().claim();
    CompletableFuture<Void> storing = busyWriter();
    CompletableFuture<Optional<Delivered>> answer = claim("shop", new Patient());
    CompletableFuture<List<Answer>> handedBack =
        store
            .attempts()
            .tell(List.of(new News.HandBack(new Attempt("a", claim.token()))))
            .toCompletableFuture();
    journal.beforeWrites.open();

    assertThat(handedBack.orTimeout(60, TimeUnit.SECONDS).join()).containsExactly(Answer.RECORDED);
    storing.join();
    assertThat(idOf(answer)).isEqualTo("a");
  }
}
