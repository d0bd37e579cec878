package io.taskbroker.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.store.StorePlayer.Ports;
import io.taskbroker.testkit.store.TestStore.Death;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole lives of a store, made up from a seed and compared step by step with the {@link
 * ModelStore}. A difference names its seed and step.
 *
 * <p>Extend this once per store, give it an empty one, and add nothing.
 */
public abstract class StoreHistoryContract extends StoreContract {
  private static final int STEPS = 600;

  private ModelStore model = new ModelStore(SETTINGS, time);
  private StorePlayer ours = new StorePlayer(Ports.of(model));
  private StorePlayer theirs = ours;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  final void agreesWithTheModelWhileItIsOpen(long seed) {
    play(seed, (_, history) -> playOne(history.next()));
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  final void agreesWithTheModelOverReopenings(long seed) {
    play(
        seed,
        (random, history) -> {
          if (random.nextInt(25) == 0) {
            reopenBoth(random);
            return "reopened";
          }
          return playOne(history.next());
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  final void agreesWithTheModelOverSuddenDeaths(long seed) {
    play(
        seed,
        (random, history) ->
            random.nextInt(15) == 0 ? die(random, history.answered()) : playOne(history.next()));
  }

  // ---------------------------------------------------------------- playing

  private interface Turn {
    String take(Random random, RandomHistory history);
  }

  private void play(long seed, Turn turn) {
    var random = new Random(seed);
    var history = new RandomHistory(random, time);
    model = new ModelStore(SETTINGS, time);
    ours = new StorePlayer(Ports.of(store));
    theirs = new StorePlayer(Ports.of(model));
    for (int step = 0; step < STEPS; step++) {
      letTimePass(random);
      String where = "seed " + seed + ", step " + step + ": ";
      try {
        where += turn.take(random, history);
        settleAndCompare();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(where + "\n" + e.getMessage(), e);
      }
    }
  }

  private void letTimePass(Random random) {
    switch (random.nextInt(40)) {
      case 0 -> time.stepWall(Duration.ofMinutes(random.nextInt(-90, 90)));
      case 1 -> time.advance(Duration.ofMinutes(random.nextInt(90)));
      case 2, 3, 4, 5 -> time.advance(Duration.ofSeconds(random.nextInt(8)));
      default -> time.advance(Duration.ofMillis(random.nextInt(200)));
    }
  }

  private String playOne(RandomHistory.Step step) {
    Object expected = step.play().apply(theirs);
    Object answer;
    try {
      answer = step.play().apply(ours);
    } catch (StoreException e) {
      throw new AssertionError(step.name() + " failed", e);
    }
    assertThat(answer).as(step.name()).isEqualTo(expected);
    return step.name();
  }

  private void settleAndCompare() {
    ours.settle();
    theirs.settle();
    assertThat(store.rows()).isEqualTo(model.rows());
    assertThat(ours.measures()).isEqualTo(theirs.measures());
  }

  private void reopenBoth(Random random) {
    time.enterNewProcess(random.nextLong(1_000_000_000L));
    store.reopen();
    model.reopen();
    ours.continueWith(Ports.of(store));
    theirs.continueWith(Ports.of(model));
  }

  /** The step may write nothing, and then the store outlives it. */
  private String die(Random random, RandomHistory.Step step) {
    Death death = random.nextBoolean() ? Death.BEFORE_WRITE : Death.BEFORE_ANSWER;
    store.dieAtNextWrite(death);
    boolean died = false;
    Object answer = "none";
    try {
      answer = step.play().apply(ours);
    } catch (StoreException.Closed _) {
      died = true;
    }
    if (!died || death == Death.BEFORE_ANSWER) {
      Object expected = step.play().apply(theirs);
      if (!died) {
        assertThat(answer).as(step.name()).isEqualTo(expected);
      }
    }
    reopenBoth(random);
    ours.forgetAttempts();
    theirs.forgetAttempts();
    return (died ? "died " + death + " of " : "outlived ") + step.name();
  }

  // ---------------------------------------------------------------- many callers

  @Test
  final void manyCallersAtOnce_loseNothingAndShareNothing() throws Exception {
    int tasks = 3_000;
    Set<String> had = ConcurrentHashMap.newKeySet();
    var added = new Semaphore(0);
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int caller = 0; caller < 6; caller++) {
        int first = caller * tasks / 6;
        calls.add(() -> addOneByOne(first, tasks / 6, added));
      }
      for (int worker = 0; worker < 32; worker++) {
        calls.add(() -> work(had, tasks, added));
      }
      for (Future<Integer> call : callers.invokeAll(calls)) {
        call.get();
      }
    }

    assertThat(had).hasSize(tasks);
    assertThat(store.sweeps().depths().unfinished()).isZero();
    store.reopen();
    assertThat(store.sweeps().depths().unfinished()).isZero();
    assertThat(store.sweeps().depths().finished()).isEqualTo(tasks);
  }

  private int addOneByOne(int first, int count, Semaphore added) {
    for (int i = first; i < first + count; i++) {
      add(Activations.pending("a" + i));
      added.release();
    }
    return count;
  }

  /**
   * Asks once for each task that was added: what others have taken with their reports is missed.
   */
  private int work(Set<String> had, int tasks, Semaphore added) throws InterruptedException {
    int done = 0;
    while (had.size() < tasks) {
      added.acquire();
      Optional<Delivered> next = claim();
      while (next.isPresent()) {
        String id = id(next.get());
        assertThat(had.add(id)).as("%s handed out once", id).isTrue();
        done++;
        Report report = new Report(id, Conclusion.COMPLETE, RetryOverride.NONE);
        next = await(store.dispatch().conclude(report, ClaimFilter.ANY)).next();
      }
    }
    added.release(); // for the next one who waits in vain
    return done;
  }
}
