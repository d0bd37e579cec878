package io.taskbroker.inflight.engine;

import static io.taskbroker.inflight.engine.Tasks.NOW;
import static io.taskbroker.inflight.engine.Tasks.ORIGIN;
import static io.taskbroker.inflight.engine.Tasks.arriving;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.rules.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** No command touches more in one turn than the turn may cost, however much is stored. */
class EngineBudgetTest {
  private static final int ROWS = 20_000;
  private static final int TURN = 100;
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  private final InflightEngine engine =
      new InflightEngine(new EngineSettings(Duration.ofSeconds(3), 3));
  private int turns;

  private void fill(IntFunction<Activation> task) {
    List<Activation> tasks = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      tasks.add(task.apply(i));
    }
    engine.arrivals().add(arriving(tasks), NOW);
    engine.settle();
  }

  /** Plays slices until one says that it was the last; each has to stay within its budget. */
  private void untilDone(BooleanSupplier slice) {
    boolean done = false;
    while (!done) {
      Budget budget = Budget.of(TURN, Long.MAX_VALUE);
      engine.grant(budget);
      done = slice.getAsBoolean();
      assertThat(budget.touched()).isLessThanOrEqualTo(TURN + 1);
      assertThat(engine.changes().updated().size()).isLessThanOrEqualTo(TURN + 1);
      engine.settle();
      assertThat(++turns).isLessThanOrEqualTo(2 * ROWS / TURN + 2);
    }
    engine.grant(Budget.unlimited());
  }

  private boolean isNotCut() {
    return !engine.budget().isSpent();
  }

  @Test
  void aClaim_behindExpiredRows() {
    fill(i -> Tasks.expiring("id" + i, NOW.wallMs() + 5));
    engine.arrivals().add(arriving(List.of(Tasks.task("good"))), NOW);
    engine.settle();

    List<Claim> claims = new ArrayList<>();
    untilDone(
        () -> {
          claims.addAll(engine.claims().pull(ClaimFilter.ANY, 1, NOW.plusMs(10)));
          return !claims.isEmpty() || isNotCut();
        });

    assertThat(claims).extracting(claim -> claim.activation().id()).containsExactly("good");
    assertThat(turns).isGreaterThanOrEqualTo(ROWS / TURN);
  }

  @Test
  void aClaim_behindRowsOfAKilledTask() {
    fill(i -> Tasks.task("id" + i));
    engine.claims().kill(Set.of("send_receipt"));

    untilDone(() -> engine.claims().pull(ClaimFilter.ANY, 1, NOW).isEmpty() && isNotCut());

    assertThat(engine.totals().killed()).isEqualTo(ROWS);
    assertThat(engine.depths().pending()).isZero();
  }

  @Test
  void delaysThatComeNear() {
    long dueMs = NOW.wallMs() + 8 * HOUR_MS;
    fill(i -> Tasks.delayed("id" + i, dueMs));
    Moment later = NOW.plusMs(7 * HOUR_MS + 1);
    assertThat(engine.depths().delayedFar()).isEqualTo(ROWS);

    untilDone(() -> engine.sweeps().sweep(Sweep.DELAYS, ROWS, later) == 0 && isNotCut());

    assertThat(engine.depths().delayed()).isEqualTo(ROWS);
    assertThat(turns).isGreaterThanOrEqualTo(ROWS / TURN);
  }

  @Test
  void aDelayThatIsOver_doesNotWaitForThoseThatComeNear() {
    long dueMs = NOW.wallMs() + 8 * HOUR_MS;
    fill(i -> Tasks.delayed("id" + i, dueMs + i));
    engine.grant(Budget.of(1, Long.MAX_VALUE));

    assertThat(engine.sweeps().sweep(Sweep.DELAYS, 1_000, NOW.plusMs(9 * HOUR_MS))).isEqualTo(1);

    assertThat(engine.depths().pending()).isEqualTo(1);
  }

  @Test
  void everySweep() {
    fill(i -> Tasks.expiring("id" + i, NOW.wallMs() + 5));
    int[] expired = {0};
    untilDone(
        () -> {
          expired[0] += engine.sweeps().sweep(Sweep.EXPIRY, ROWS, NOW.plusMs(10));
          return isNotCut();
        });
    assertThat(expired[0]).isEqualTo(ROWS);

    engine.positions().acknowledge(Map.of(ORIGIN, (long) ROWS));
    int[] gone = {0};
    untilDone(
        () -> {
          gone[0] += engine.sweeps().sweep(Sweep.COMMITTED, ROWS, NOW);
          return isNotCut();
        });
    assertThat(gone[0]).isEqualTo(ROWS);
  }

  @Test
  void aSearch() {
    fill(i -> Tasks.task("id" + i));
    Set<Long> seen = new HashSet<>();
    Found[] piece = {new Found(Map.of(), 0, false)};
    untilDone(
        () -> {
          piece[0] = engine.search(Set.of("send_receipt"), piece[0].last());
          assertThat(seen).doesNotContainAnyElementsOf(piece[0].tasknames().keySet());
          seen.addAll(piece[0].tasknames().keySet());
          engine.drop(piece[0].tasknames().keySet().stream().findFirst().orElse(0L));
          return piece[0].isLast();
        });
    assertThat(seen).hasSize(ROWS);
  }

  @Test
  void demotion() {
    fill(i -> Tasks.task("id" + i, "app" + i % 7_000, "slow", 0));
    int[] demoted = {0};
    untilDone(
        () -> {
          demoted[0] += engine.claims().demote(Set.of("fast", "slow"), ROWS, NOW);
          return isNotCut();
        });
    assertThat(demoted[0]).isEqualTo(ROWS);
  }

  @Test
  void unparking() {
    fill(i -> Tasks.task("id" + 2 * i));
    for (int i = 0; i < ROWS; i++) {
      engine.claims().conclude("id" + 2 * i, Conclusion.RETRY, RetryOverride.NONE, NOW);
      engine.outbox().park(i + 1, "too large");
    }
    engine.settle();
    int[] unparked = {0};
    untilDone(
        () -> {
          unparked[0] += engine.outbox().unpark();
          return isNotCut();
        });
    assertThat(unparked[0]).isEqualTo(ROWS);
    engine.grant(Budget.of(TURN, Long.MAX_VALUE));
    assertThat(engine.outbox().take(Lane.RETRY, ROWS, Long.MAX_VALUE, NOW)).hasSize(TURN);
  }

  @Test
  void aLostPartition_isNotSettledBeforeAllItsRowsKnow() {
    fill(i -> Tasks.once("id" + i, i));
    engine.grant(Budget.of(TURN, Long.MAX_VALUE));
    assertThat(engine.positions().lose(ORIGIN)).isFalse();
    engine.settle();

    engine.grant(Budget.unlimited());
    engine.positions().acknowledge(Map.of(ORIGIN, (long) ROWS));
    assertThat(engine.sweeps().sweep(Sweep.COMMITTED, ROWS, NOW)).isZero();

    untilDone(() -> engine.positions().lose(ORIGIN));
    assertThat(engine.sweeps().sweep(Sweep.COMMITTED, 2 * ROWS, NOW)).isEqualTo(ROWS);
    assertThat(engine.totals().overtaken()).isEqualTo(ROWS);
  }

  @Test
  void aLossThatIsTakenBack_beginsAnew() {
    fill(i -> Tasks.once("id" + i, i));
    engine.grant(Budget.of(TURN, Long.MAX_VALUE));
    engine.positions().lose(ORIGIN);
    engine.undo();

    untilDone(() -> engine.positions().lose(ORIGIN));
    engine.positions().acknowledge(Map.of(ORIGIN, (long) ROWS));
    engine.sweeps().sweep(Sweep.COMMITTED, 2 * ROWS, NOW);
    assertThat(engine.totals().overtaken()).isEqualTo(ROWS);
  }

  @Test
  void payloads_countInBytes() {
    fill(i -> Tasks.task("id" + i));
    engine.grant(Budget.of(ROWS, 1_000));
    assertThat(engine.claims().pull(ClaimFilter.ANY, ROWS, NOW)).hasSize(10); // of 100 bytes each
    engine.settle();

    engine.grant(Budget.of(ROWS, 1_000));
    int concluded = 0;
    for (int i = 0; i < ROWS && isNotCut(); i++) {
      engine.claims().conclude("id" + i, Conclusion.COMPLETE, RetryOverride.NONE, NOW);
      concluded++;
    }
    assertThat(concluded).isEqualTo(10);
  }

  @Test
  void aShare_isSpentTogetherWithTheWhole() {
    Budget whole = Budget.of(10, 100);
    Budget share = whole.share(4);
    LongStream.range(0, 4).forEach(_ -> share.row());
    assertThat(share.isSpent()).isTrue();
    assertThat(whole.isSpent()).isFalse();
    assertThat(whole.share(100).isSpent()).isFalse();
    whole.share(100).payload(100);
    assertThat(whole.isSpent()).isTrue();
  }

  @Test
  void applications_areListedInPieces() {
    fill(i -> Tasks.build("id" + i, "app" + i, "x", 0, 0, null, null, Delivery.AT_LEAST_ONCE));
    Map<String, Integer> seen = new TreeMap<>();
    String last = null;
    for (var piece = engine.readyByApplication(last, 999);
        !piece.isEmpty();
        piece = engine.readyByApplication(last, 999)) {
      seen.putAll(piece);
      last = piece.lastKey();
    }
    assertThat(seen).hasSize(ROWS).containsEntry("app7", 1);
    assertThat(engine.depthByApplication(null, 10, NOW)).hasSize(10);
    assertThat(Backpressure.ASKED_WITHIN).isEqualTo(Duration.ofMinutes(1));
  }
}
