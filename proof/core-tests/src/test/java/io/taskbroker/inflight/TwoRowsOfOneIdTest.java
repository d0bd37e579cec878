package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file in which a task stands twice, as a defect, or somebody's hand, may have left it. */
class TwoRowsOfOneIdTest {
  private static final StoreSettings SETTINGS =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);

  private final InMemoryFile file = new InMemoryFile();

  @Test
  void theOlderOneIsKept() {
    write(row(1, Pending.STATE), row(2, Pending.STATE), row(3, Pending.STATE));

    try (OwnedStore store =
        OwnedStore.open(
            file.open(), SETTINGS, new SettableTime(), SystemThreads.INSTANCE, _ -> {})) {
      Delivered task = StoreContract.await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow();
      assertThat(task.claim().key()).isEqualTo(1);
      assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isEmpty();
    }
    assertThat(keys()).containsExactly(1L);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void theOneThatIsOverIsKept(long over) {
    write(
        row(1, over == 1 ? Completed.STATE : Pending.STATE),
        row(2, over == 2 ? Completed.STATE : Pending.STATE));

    try (OwnedStore store =
        OwnedStore.open(
            file.open(), SETTINGS, new SettableTime(), SystemThreads.INSTANCE, _ -> {})) {
      assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isEmpty();
    }
    assertThat(keys()).containsExactly(over);
  }

  private static StoredActivation row(long key, ActivationState state) {
    return new StoredActivation(
        key, Activations.pending("twice").build(), state, 0, RetryOverride.NONE, null);
  }

  private void write(StoredActivation... rows) {
    try (Journal journal = file.open()) {
      for (StoredActivation row : rows) {
        journal.apply(
            new JournalGroup(
                row.key(),
                new Changes(List.of(row), List.of(), List.of(), Map.of()),
                Map.of(row.key(), new byte[] {1})),
            Durability.POWER_CUT);
      }
    }
  }

  private List<Long> keys() {
    List<Long> keys = new ArrayList<>();
    try (Journal journal = file.open()) {
      journal.load(_ -> {}, row -> keys.add(row.key()));
    }
    return keys;
  }
}
