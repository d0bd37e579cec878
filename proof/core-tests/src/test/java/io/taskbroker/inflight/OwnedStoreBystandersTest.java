package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever the store calls may break; nobody else is concerned, and the file agrees with it. */
@Timeout(60)
class OwnedStoreBystandersTest {
  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private final GatedJournal journal = new GatedJournal(file);
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> broken(),
          _ -> {},
          _ -> broken());

  @AfterEach
  void close() {
    journal.beforeWrites.open();
    store.close();
  }

  private static void broken() {
    throw new IllegalStateException("a bug in an adapter");
  }

  private int add(int tasks) {
    return store
        .intake()
        .add(
            IntStream.range(0, tasks)
                .mapToObj(i -> Activations.pending("t" + i).offset(i).arriving())
                .toList(),
            new AssignmentEpoch());
  }

  @Test
  void metricsThatBreak_changeNothing() {
    assertThat(add(2)).isEqualTo(2);
    assertThat(add(2)).isZero();
    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();

    List<String> ids = new ArrayList<>();
    var _ = store.sweeps().reclaim();
    journal.load(_ -> {}, row -> ids.add(row.activation().id()));
    assertThat(ids).containsExactly("t0", "t1");
  }

  @Test
  void aRecipientThatBreaks_getsNothing_andNobodyElseLosesAnything() throws Exception {
    add(20);
    journal.beforeWrites.shut();
    List<CompletableFuture<Optional<Delivered>>> good = new ArrayList<>();
    good.add(store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture());
    journal.beforeWrites.awaitArrival();
    for (int i = 0; i < 2; i++) {
      good.add(store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture());
    }
    var bad =
        store
            .dispatch()
            .claim(
                ClaimFilter.ANY,
                _ -> {
                  throw new IllegalStateException("a bug in an adapter");
                });
    good.add(store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture());

    journal.beforeWrites.open();

    assertThat(good).extracting(one -> StoreContract.await(one).isPresent()).containsOnly(true);
    assertThat(StoreContract.await(bad)).isEmpty();
    while (store.waiting() > 0) {
      Thread.onSpinWait();
    }
    var _ = store.sweeps().reclaim();
    assertThat(store.sweeps().depths().processing()).isEqualTo(4);
    assertThat(store.sweeps().depths().pending()).isEqualTo(16);
  }
}
