package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store over a file with a damaged page hands out all tasks but those on it, at each start. */
class DamagedStoreTest {
  private static final int TASKS = 1_000;

  /** On one page. */
  private static final int MOST_LOST = 4;

  @TempDir Path folder;

  @Test
  void allTasksButThoseOfThePageAreHandedOutAndFinished_atEachStart() throws Exception {
    Path damaged = folder.resolve("damaged.sqlite");
    fill(damaged);
    DamagedPages.withBytes(damaged, payload(500));
    Set<String> first = null;

    for (int start = 1; start <= 3; start++) {
      Path file = folder.resolve("start" + start + ".sqlite");
      Files.copy(damaged, file);
      List<Throwable> fatal = new CopyOnWriteArrayList<>();
      try (OwnedStore store = open(file, fatal)) {
        Set<String> got = claimAll(store);
        conclude(store, got);

        assertThat(got).as("start " + start).hasSizeBetween(TASKS - MOST_LOST, TASKS - 1);
        assertThat(got).doesNotContain("t500");
        assertThat(store.intake().add(List.of(later()), new AssignmentEpoch())).isEqualTo(1);
        assertThat(claimAll(store)).containsExactly("later");
        assertThat(first == null ? got : first).isEqualTo(got);
        first = got;
      }
      assertThat(fatal).isEmpty();
    }
  }

  private static OwnedStore open(Path file, List<Throwable> fatal) {
    return OwnedStore.open(
        SqliteJournal.open(Groups.settings(file), new SettableTime()),
        new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
        new SettableTime(),
        SystemThreads.INSTANCE,
        fatal::add);
  }

  private static void fill(Path file) {
    try (OwnedStore store = open(file, new ArrayList<>())) {
      List<NewActivation> batch = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        batch.add(Activations.pending("t" + i).offset(i).payload(payload(i)).arriving());
      }
      store.intake().add(batch, new AssignmentEpoch());
    }
  }

  private static NewActivation later() {
    return Activations.pending("later").offset(TASKS).arriving();
  }

  /** A call that meets a damaged payload comes back empty, so each such row costs one call more. */
  private static Set<String> claimAll(OwnedStore store) {
    Set<String> got = new HashSet<>();
    for (int call = 0; call < TASKS + MOST_LOST; call++) {
      claim(store).map(delivered -> delivered.claim().activation().id()).ifPresent(got::add);
    }
    return got;
  }

  private static Optional<Delivered> claim(OwnedStore store) {
    return store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
  }

  private static void conclude(OwnedStore store, Set<String> ids) {
    List<Report> reports =
        ids.stream().map(id -> new Report(id, Conclusion.COMPLETE, RetryOverride.NONE)).toList();
    store.dispatch().concludeAll(reports).toCompletableFuture().join();
  }

  private static byte[] payload(int number) {
    byte[] payload = new byte[1_000];
    Arrays.fill(payload, (byte) number);
    payload[0] = (byte) (number >> 8);
    return payload;
  }
}
