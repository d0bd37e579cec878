package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemorySpace;
import io.taskbroker.testkit.store.RunningTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A task whose large payload is read so slowly that its partition has gone meanwhile. */
@Timeout(60)
class GoneBeforeItWasReadTest {
  private static final int LARGE = 70_000;

  private final RunningTime time = new RunningTime();
  private final InMemorySpace space = new InMemorySpace(time);
  private final SlowReads journal = new SlowReads(space.open("first"));
  private final OwnedStore first = open(journal);
  private final OwnedStore second = open(space.open("second"));

  /** A journal that reads a large payload once it may. */
  private static final class SlowReads extends ForwardingJournal {
    private final CompletableFuture<Boolean> begun = new CompletableFuture<>();
    private final CompletableFuture<Boolean> mayGoOn = new CompletableFuture<>();

    SlowReads(Journal journal) {
      super(journal);
    }

    @Override
    public Optional<byte[]> largePayload(long key) {
      begun.complete(true);
      boolean _ = mayGoOn.join();
      return super.largePayload(key);
    }
  }

  private OwnedStore open(Journal opened) {
    return OwnedStore.open(
        opened,
        new StoreSettings(new EngineSettings(Duration.ofSeconds(1), 3), false),
        time,
        SystemThreads.INSTANCE,
        new CompletableFuture<Throwable>()::complete);
  }

  @AfterEach
  void close() {
    journal.mayGoOn.complete(true);
    first.close();
    second.close();
  }

  private static void reads(OwnedStore store) {
    store.intake().assigned(Map.of(ORIGIN, 1L));
    until(() -> store.holdings().awaited().isEmpty());
  }

  @Test
  void itIsHandedOutWhereItIsNow() {
    reads(first);
    int _ =
        first
            .intake()
            .add(
                List.of(pending("a").atMostOnce().payload(new byte[LARGE]).arriving()),
                new AssignmentEpoch());
    CompletionStage<Optional<Delivered>> claim = first.dispatch().claim(ClaimFilter.ANY);
    assertThat(journal.begun.join()).isTrue();

    first.holdings().revoked(List.of(ORIGIN));
    reads(second);
    journal.mayGoOn.complete(true);

    assertThat(claim.toCompletableFuture().join()).isEmpty();
    CompletableFuture<Delivered> claimed = new CompletableFuture<>();
    until(
        () -> {
          second
              .dispatch()
              .claim(ClaimFilter.ANY)
              .toCompletableFuture()
              .join()
              .ifPresent(claimed::complete);
          return claimed.isDone();
        });
    assertThat(claimed.join().claim().activation().id()).isEqualTo("a");
  }
}
