package io.taskbroker.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts share: an empty store before each test, and short words for what tests do to
 * it.
 *
 * <p>To be extended through the contracts only.
 */
public abstract class StoreContract {
  protected static final Duration LEASE = Duration.ofSeconds(5);

  /** 3 s of grace, 3 attempts, and {@link #LEASE}. */
  protected static final EngineSettings SETTINGS =
      new EngineSettings(
          Duration.ofSeconds(3),
          3,
          new Keeping(2_000, Duration.ofDays(1), 0, Duration.ZERO),
          LEASE);

  /** Noon, when every test begins. Unix milliseconds. */
  protected static final long NOON = SettableTime.START.wallMs();

  /** What an ordinary activation has until it is taken back: 10 s, and the grace. */
  protected static final Duration PATIENCE = Duration.ofSeconds(13);

  protected static final Duration MOMENT = Duration.ofMillis(1);

  private static final int STEP = 1_000;

  protected final SettableTime time = new SettableTime();
  protected TestStore store;

  /** A new, empty store that is told the time by {@code time}. Closed after each test. */
  protected abstract TestStore openEmptyStore(EngineSettings settings, TimeSource time)
      throws Exception;

  @BeforeEach
  final void openStore() throws Exception {
    store = openEmptyStore(SETTINGS, time);
  }

  @AfterEach
  final void closeStore() {
    store.close();
  }

  protected final int add(Activations... batch) {
    return store
        .intake()
        .add(Stream.of(batch).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  protected final Optional<Delivered> claim() {
    return claim(ClaimFilter.ANY);
  }

  protected final Optional<Delivered> claim(ClaimFilter filter) {
    return await(store.dispatch().claim(filter));
  }

  /** Claims something that has to be there. */
  protected final Delivered claimOne() {
    return claim().orElseThrow(() -> new AssertionError("nothing to claim"));
  }

  protected final List<Delivered> claimForPush(int limit) {
    return claimForPush(limit, Long.MAX_VALUE);
  }

  protected final List<Delivered> claimForPush(int limit, long maxBytes) {
    return await(store.pushes().claimForPush("shop", limit, maxBytes, LEASE));
  }

  protected final boolean conclude(String id, Conclusion conclusion) {
    return conclude(id, conclusion, RetryOverride.NONE);
  }

  protected final boolean conclude(String id, Conclusion conclusion, RetryOverride retry) {
    Report report = new Report(id, conclusion, retry);
    Concluded concluded = await(store.dispatch().conclude(report, null));
    return concluded.known();
  }

  /** Sweeps until nothing of the kind is due, and says how many rows changed. */
  protected final int sweep(Sweep kind) {
    int done = 0;
    int now = STEP;
    while (now == STEP) {
      now = store.sweeps().sweep(kind, STEP);
      done += now;
    }
    return done;
  }

  /** Keys of the unfinished activations of a task, in the order of arrival. */
  static List<Long> find(RulesStore rules, String taskname) {
    List<Long> keys = new ArrayList<>();
    Found piece = rules.find(Set.of(taskname), 0);
    keys.addAll(piece.tasknames().keySet());
    while (!piece.isLast()) {
      piece = rules.find(Set.of(taskname), piece.last());
      keys.addAll(piece.tasknames().keySet());
    }
    return keys;
  }

  /** Kafka has acknowledged all offsets of the ordinary partition below {@code position}. */
  protected final void acknowledge(long position) {
    store.intake().acknowledged(Map.of(Activations.ORIGIN, position));
  }

  /** How many are where, now that the store has done what it was told before. */
  protected final Depths depths() {
    var _ = store.rows();
    return store.sweeps().depths();
  }

  /** What is kept of an activation, which has to be there. */
  protected final KeptRow row(String id) {
    return find(id).orElseThrow(() -> new AssertionError("no row '" + id + "'"));
  }

  protected final Status status(String id) {
    return row(id).status();
  }

  protected final Optional<KeptRow> find(String id) {
    return store.rows().stream().filter(row -> row.id().equals(id)).findFirst();
  }

  /** A task as operators see it, which has to be there. */
  protected final StoredTask task(String id) {
    return store.tasks().find(id).orElseThrow(() -> new AssertionError("no task '" + id + "'"));
  }

  /** An operator does this to a task, which has to be there. */
  protected final Verdict act(Act act, String id) {
    return store.steering().act(act, List.of(task(id).key())).getFirst();
  }

  protected final void assertGone(String id) {
    assertThat(find(id)).as(id).isEmpty();
  }

  protected static String id(Delivered delivered) {
    return delivered.claim().activation().id();
  }

  protected static List<String> ids(List<Delivered> delivered) {
    List<String> ids = new ArrayList<>();
    delivered.forEach(one -> ids.add(id(one)));
    return ids;
  }

  /** The answer, which has to come within a minute; a failure is thrown as it was given. */
  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(1, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError("failed in a way that no port allows", e);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within a minute", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
