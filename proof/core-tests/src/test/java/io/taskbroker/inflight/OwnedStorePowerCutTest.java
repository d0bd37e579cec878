package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.journal.InMemoryJournal;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power is cut again and again, and with it go as many unsynced groups as the dice say. No task
 * that was stored is lost, and no at-most-once task is handed out twice.
 */
class OwnedStorePowerCutTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 9);
  private static final int CUTS = 40;

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private final Set<String> added = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> handedOutOnce = new HashSet<>();
  private long offset;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noTaskIsLost_andNoneThatMustRunOnceRunsTwice(long seed) {
    var random = new Random(seed);
    for (int cut = 0; cut < CUTS; cut++) {
      OwnedStore store =
          OwnedStore.open(
              file.open(), new StoreSettings(ENGINE, false), time, SystemThreads.INSTANCE, _ -> {});
      for (int step = random.nextInt(30); step >= 0; step--) {
        playOne(random, store, "seed " + seed + ", cut " + cut);
      }
      store.close(); // in order or not makes no difference to what was synced
      file.cutPower(random.nextInt(1 + file.undurableGroups()));
    }
    drain("seed " + seed + ", at the end");
  }

  private void playOne(Random random, OwnedStore store, String where) {
    time.advance(Duration.ofMillis(random.nextInt(500)));
    switch (random.nextInt(8)) {
      case 0, 1 -> add(random, store);
      case 2, 3, 4 -> handOut(store, where);
      case 5 -> store.intake().acknowledged(Map.of(ORIGIN, offset));
      case 6 -> store.sweeps().sweep(Sweep.COMMITTED, 100);
      default -> {
        time.advance(Duration.ofSeconds(14));
        store.sweeps().sweep(Sweep.DEADLINES, 100);
      }
    }
  }

  private void add(Random random, OwnedStore store) {
    String id = "t" + offset;
    Activations task = Activations.pending(id).offset(offset++).deadLettered();
    boolean once = random.nextInt(3) == 0;
    store
        .intake()
        .add(List.of((once ? task.atMostOnce() : task).arriving()), new AssignmentEpoch());
    added.add(id);
  }

  private void handOut(OwnedStore store, String where) {
    Optional<Delivered> taken = StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
    if (taken.isEmpty()) {
      return;
    }
    var task = taken.get().claim().activation();
    if (task.isAtMostOnce()) {
      assertThat(handedOutOnce.add(task.id())).as("%s: %s", where, task.id()).isTrue();
    }
    if (task.offset() % 2 == 0) {
      Report report = new Report(task.id(), Conclusion.COMPLETE, RetryOverride.NONE);
      StoreContract.await(store.dispatch().conclude(report, null));
      ended.add(task.id());
    }
  }

  /** Whatever is not accounted for is still there. */
  private void drain(String where) {
    Set<String> expected = new HashSet<>(added);
    expected.removeAll(ended);
    Set<String> kept = new HashSet<>();
    try (InMemoryJournal journal = file.open()) {
      journal.load(_ -> {}, row -> kept.add(row.activation().id()));
    }
    assertThat(kept).as(where).containsAll(expected);
  }
}
