package io.taskbroker.adapters.sqlite;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.testkit.SettableTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An operator acts on a task while its worker reports on it, over a real file: 10,000 times in all,
 * and each task ends once, in a way that agrees with what both of them were told.
 */
@Timeout(120)
class OperatorRacesTest {
  private static final int RACES = 2_500;
  private static final int AT_A_TIME = 250;
  private static final long LATER_MS = Duration.ofHours(1).toMillis();

  /** Who comes first in a race. */
  private enum Start {
    OPERATOR,
    WORKER,
    TOGETHER
  }

  private final SettableTime time = new SettableTime();
  private final Map<String, List<Ending>> endings = new ConcurrentHashMap<>();
  private final ExecutorService worker = Executors.newSingleThreadExecutor();

  @TempDir Path folder;
  private OwnedStore store;

  @BeforeEach
  void open() {
    store =
        OwnedStore.open(
            SqliteJournal.open(
                new SqliteSettings(
                    folder.resolve("store.sqlite"), SqliteSettings.DEFAULT_RECLAIM_PAGES),
                time),
            new StoreSettings(
                new EngineSettings(
                    Duration.ofMinutes(10),
                    3,
                    new Keeping(1_000, Duration.ofMinutes(10), 1_000, Duration.ofHours(1))),
                false),
            time,
            SystemThreads.INSTANCE,
            _ -> {},
            _ -> {},
            this::count);
  }

  @AfterEach
  void close() {
    worker.close();
    store.close();
  }

  private void count(StoreEvent event) {
    if (event instanceof StoreEvent.Ended ended) {
      ended
          .tasks()
          .forEach(
              task ->
                  endings
                      .computeIfAbsent(task.activation().id(), _ -> new CopyOnWriteArrayList<>())
                      .add(task.ending()));
    }
  }

  private void store(List<NewActivation> tasks) {
    assertThat(store.intake().add(tasks, new AssignmentEpoch())).isEqualTo(tasks.size());
  }

  private Optional<Delivered> claim() {
    return store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
  }

  private boolean complete(String id) {
    return store
        .dispatch()
        .conclude(new Report(id, Conclusion.COMPLETE, RetryOverride.NONE), null)
        .toCompletableFuture()
        .join()
        .known();
  }

  private Verdict act(Act act, String id) {
    long key = store.tasks().find(id).orElseThrow().key();
    return store.steering().act(act, List.of(key)).getFirst();
  }

  /** What an operator's act and a worker's report were answered. */
  private record Answers(Verdict verdict, boolean known) {}

  /** Both at once, or one after the other. */
  private Answers race(String id, long key, Act act, Start start)
      throws InterruptedException, ExecutionException {
    if (start == Start.OPERATOR) {
      Verdict verdict = store.steering().act(act, List.of(key)).getFirst();
      return new Answers(verdict, complete(id));
    }
    if (start == Start.WORKER) {
      boolean known = complete(id);
      return new Answers(store.steering().act(act, List.of(key)).getFirst(), known);
    }
    Phaser both = new Phaser(2);
    Future<Boolean> report =
        worker.submit(
            () -> {
              both.arriveAndAwaitAdvance();
              return complete(id);
            });
    both.arriveAndAwaitAdvance();
    Verdict verdict = store.steering().act(act, List.of(key)).getFirst();
    return new Answers(verdict, report.get());
  }

  private List<Delivered> withWorkers(String name, int from) {
    List<NewActivation> tasks = new ArrayList<>();
    for (int i = 0; i < AT_A_TIME; i++) {
      tasks.add(pending(name + (from + i)).offset(from + i).arriving());
    }
    store(tasks);
    List<Delivered> taken = new ArrayList<>();
    for (Optional<Delivered> next = claim(); next.isPresent(); next = claim()) {
      taken.add(next.get());
    }
    assertThat(taken).hasSize(AT_A_TIME);
    return taken;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void cancelAndReport_oneOfThemEndsTheTask(long seed) throws Exception {
    Random random = new Random(seed);
    Map<Ending, Integer> seen = new EnumMap<>(Ending.class);
    for (int race = 0; race < RACES; race += AT_A_TIME) {
      for (Delivered task : withWorkers("c", race)) {
        String id = task.claim().activation().id();
        String where = "seed %d, task %s".formatted(seed, id);
        Start start = Start.values()[random.nextInt(3)];

        Answers answers = race(id, task.claim().key(), Act.CANCEL, start);

        assertThat(answers.verdict()).as(where).isIn(Verdict.DONE, Verdict.NOT_STORED);
        assertThat(answers.known()).as(where).isEqualTo(answers.verdict() != Verdict.DONE);
        Ending ending = answers.known() ? Ending.COMPLETED : Ending.CANCELLED;
        seen.merge(ending, 1, Integer::sum);
        assertThat(store.tasks().findEnded(id).orElseThrow().ending()).as(where).isEqualTo(ending);
      }
    }
    assertThat(seen).as("seed " + seed).containsOnlyKeys(Ending.COMPLETED, Ending.CANCELLED);
    assertEachEndedOnce();
  }

  @ParameterizedTest
  @ValueSource(longs = {1})
  void runNowAndReport_theReportCounts_andNothingRunsAgain(long seed) throws Exception {
    Random random = new Random(seed);
    for (int race = 0; race < RACES; race += AT_A_TIME) {
      for (Delivered task : withWorkers("r", race)) {
        String id = task.claim().activation().id();
        String where = "seed %d, task %s".formatted(seed, id);
        Start start = Start.values()[random.nextInt(3)];

        Answers answers = race(id, task.claim().key(), Act.RUN_NOW, start);

        assertThat(answers.known()).as(where).isTrue();
        assertThat(answers.verdict()).as(where).isIn(Verdict.WITHOUT_EFFECT, Verdict.NOT_STORED);
      }
    }
    assertEachEndedOnce();
  }

  @ParameterizedTest
  @ValueSource(longs = {1})
  void runNowAndCancel_ofADelayedTask_whoeverIsFirst_itEndsOnce(long seed) throws Exception {
    Random random = new Random(seed);
    long later = time.now().wallMs() + LATER_MS;
    for (int race = 0; race < RACES; race += AT_A_TIME) {
      List<NewActivation> tasks = new ArrayList<>();
      for (int i = 0; i < AT_A_TIME; i++) {
        tasks.add(delayed("d" + (race + i), later).offset(race + i).arriving());
      }
      store(tasks);
      for (NewActivation task : tasks) {
        String id = task.activation().id();
        String where = "seed %d, task %s".formatted(seed, id);
        boolean isTogether = random.nextBoolean();
        Phaser both = new Phaser(2);
        Future<Optional<Delivered>> ran =
            worker.submit(
                () -> {
                  both.arriveAndAwaitAdvance();
                  act(Act.RUN_NOW, id);
                  return claim();
                });
        if (!isTogether) {
          both.arriveAndDeregister();
          ran.get();
        } else {
          both.arriveAndAwaitAdvance();
        }
        Verdict cancelled = act(Act.CANCEL, id);

        Optional<Delivered> taken = ran.get();
        assertThat(cancelled).as(where).isEqualTo(Verdict.DONE);
        assertThat(taken.map(one -> complete(one.claim().activation().id())).orElse(false))
            .as(where + ": its worker hears that it is over")
            .isFalse();
      }
    }
    assertEachEndedOnce();
  }

  private void assertEachEndedOnce() {
    assertThat(claim()).isEmpty();
    assertThat(store.sweeps().depths().unfinished()).isZero();
    assertThat(endings).hasSize(RACES).allSatisfy((_, all) -> assertThat(all).hasSize(1));
  }
}
