package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random groups of commands. After a group that is taken back the engine looks as before it,
 * however one looks; after one that is kept its changes have led a journal to the same rows; and
 * its counts are those of a recount.
 */
class EngineUndoTest {
  private static final EngineSettings SETTINGS = new EngineSettings(Duration.ofSeconds(3), 2);
  private static final int IDS = 16;
  private static final int GROUPS = 500;

  private final InflightEngine engine = new InflightEngine(SETTINGS);
  private final TreeMap<Long, StoredActivation> journal = new TreeMap<>();
  private final List<Claim> claims = new ArrayList<>();
  private final List<Long> taken = new ArrayList<>();
  private Moment now = Tasks.NOW;
  private long offset;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void undo_leadsBackToWhereTheGroupBegan(long seed) {
    var random = new Random(seed);
    for (int group = 0; group < GROUPS; group++) {
      now = now.plusMs(random.nextInt(3_000));
      // Far delays draw near, and what has expired is put aside, whatever becomes of the group.
      engine.sweeps().sweep(Sweep.DELAYS, 0, now);
      Object before = appearance();
      int claimsBefore = claims.size();

      List<String> played = new ArrayList<>();
      for (int command = random.nextInt(6); command >= 0; command--) {
        played.add(playOne(random));
      }
      String where = "seed " + seed + ", group " + group + ": " + played;

      if (random.nextBoolean()) {
        engine.undo();
        claims.subList(claimsBefore, claims.size()).clear(); // nobody was told of them
        assertThat(appearance()).as("undone, " + where).isEqualTo(before);
      } else {
        write(engine.changes(), where);
        engine.settle();
        assertThat(rows()).as(where).containsExactlyElementsOf(journal.values());
      }
      assertCountsAreThoseOfARecount(where);
    }
  }

  // ---------------------------------------------------------------- playing

  private String playOne(Random random) {
    String id = "t" + random.nextInt(IDS);
    return switch (random.nextInt(17)) {
      case 0, 1, 2 -> "add " + engine.arrivals().add(List.of(arrival(random, id)), now).length;
      case 3, 4 ->
          "pull " + remember(engine.claims().pull(anyFilter(random), 1 + random.nextInt(2), now));
      case 5 ->
          "push "
              + remember(
                  engine
                      .claims()
                      .claimForPush("shop", 2, Long.MAX_VALUE, Duration.ofSeconds(2), now));
      case 6 ->
          "release " + (!claims.isEmpty() && engine.claims().release(anyOf(random, claims), now));
      case 7 ->
          "accepted " + (!claims.isEmpty() && engine.claims().accepted(anyOf(random, claims), now));
      case 8, 9 -> "conclude " + id + conclude(random, id);
      case 10, 11 -> {
        Sweep kind = anyOf(random, List.of(Sweep.values()));
        yield "sweep " + kind + engine.sweeps().sweep(kind, 1 + random.nextInt(5), now);
      }
      case 12 -> acknowledgeOrLose(random);
      case 13 -> take(random);
      case 14 -> takenCareOf(random);
      case 15 ->
          "sending " + (!claims.isEmpty() && engine.claims().sending(anyOf(random, claims), now));
      default -> "drop " + (random.nextInt(5) == 0 && engine.drop(random.nextLong(40)));
    };
  }

  private Arrival arrival(Random random, String id) {
    Activation task =
        Tasks.build(
            id,
            random.nextBoolean() ? "shop" : "billing",
            random.nextBoolean() ? "orders" : "returns",
            now.wallMs() - random.nextInt(3),
            offset++,
            random.nextInt(3) == 0 ? now.wallMs() + random.nextInt(9_000) : null,
            random.nextInt(4) == 0 ? now.wallMs() + random.nextInt(5_000_000) : null,
            random.nextInt(3) == 0 ? Delivery.AT_MOST_ONCE : Delivery.AT_LEAST_ONCE);
    return new Arrival(task, random.nextInt(5) == 0 ? Route.DEMOTION : Route.WORKERS);
  }

  private boolean conclude(Random random, String id) {
    Conclusion conclusion = anyOf(random, List.of(Conclusion.values()));
    return engine.claims().conclude(id, conclusion, anyOverride(random), now);
  }

  private int remember(List<Claim> more) {
    claims.addAll(more);
    return more.size();
  }

  private String acknowledgeOrLose(Random random) {
    Partition origin = Tasks.ORIGIN;
    if (random.nextInt(3) == 0) {
      engine.positions().lose(origin);
      return "lose";
    }
    engine.positions().acknowledge(Map.of(origin, Math.max(0, offset - random.nextInt(4))));
    return "acknowledge";
  }

  private String take(Random random) {
    Lane lane = anyOf(random, List.of(Lane.values()));
    List<Outgoing> more = engine.outbox().take(lane, 2, 1_000, now);
    more.forEach(row -> taken.add(row.key()));
    return "take " + lane + more.size();
  }

  private String takenCareOf(Random random) {
    if (taken.isEmpty()) {
      return "demote " + engine.claims().demote(Set.of("returns"), 2, now);
    }
    long key = anyOf(random, taken);
    switch (random.nextInt(6)) {
      case 4 -> engine.outbox().refused(key, "a policy", now);
      case 5 -> engine.outbox().uncertain(key, "no answer", now);
      case 0 -> engine.outbox().giveBack(List.of(key));
      case 1 -> engine.outbox().park(key, "too large");
      case 2 -> engine.outbox().unpark();
      default -> engine.outbox().published(List.of(key));
    }
    return "take care of " + key;
  }

  private static <T> T anyOf(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static RetryOverride anyOverride(Random random) {
    return random.nextBoolean() ? RetryOverride.NONE : new RetryOverride(random.nextInt(4), null);
  }

  private static ClaimFilter anyFilter(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> ClaimFilter.ANY;
      case 1 -> new ClaimFilter("shop", null);
      default -> new ClaimFilter("billing", "orders");
    };
  }

  // ---------------------------------------------------------------- looking

  private List<StoredActivation> rows() {
    TreeMap<Long, StoredActivation> rows = new TreeMap<>();
    for (int i = 0; i < IDS; i++) {
      StoredActivation row = engine.find("t" + i);
      if (row != null) {
        rows.put(row.key(), row);
      }
    }
    return List.copyOf(rows.values());
  }

  /** All that can be asked, and what would come of each command next: each is taken back again. */
  private List<Object> appearance() {
    List<Object> looks = new ArrayList<>();
    looks.add(rows());
    looks.add(engine.depths());
    looks.add(engine.totals());
    looks.add(engine.oldestDueMs());
    looks.add(engine.positions().awaited());
    Moment later = now.plusMs(4_000);
    looks.add(ids(engine.claims().pull(ClaimFilter.ANY, 99, now)));
    looks.add(afterwards());
    for (ClaimFilter filter :
        List.of(new ClaimFilter("shop", "orders"), new ClaimFilter("billing", null))) {
      looks.add(ids(engine.claims().pull(filter, 99, now)));
      looks.add(afterwards());
    }
    for (Sweep kind : Sweep.values()) {
      looks.add(engine.sweeps().sweep(kind, 99, kind == Sweep.DELAYS ? now : later));
      looks.add(afterwards());
    }
    for (Lane lane : Lane.values()) {
      looks.add(engine.outbox().take(lane, 99, 99_999, now));
      looks.add(afterwards());
    }
    for (Claim claim : claims) {
      looks.add(engine.claims().release(claim, now));
      looks.add(afterwards());
    }
    looks.add(engine.outbox().unpark());
    looks.add(afterwards());
    return looks;
  }

  private List<StoredActivation> afterwards() {
    List<StoredActivation> rows = rows();
    engine.undo();
    return rows;
  }

  private static List<String> ids(List<Claim> claimed) {
    return claimed.stream().map(claim -> claim.activation().id()).toList();
  }

  private void write(Changes changes, String where) {
    for (StoredActivation row : changes.inserted()) {
      assertThat(journal.put(row.key(), row)).as("inserted once, " + where).isNull();
    }
    for (StoredActivation row : changes.updated()) {
      assertThat(journal.put(row.key(), row)).as("updated, " + where).isNotNull().isNotEqualTo(row);
    }
    for (long key : changes.deleted()) {
      assertThat(journal.remove(key)).as("deleted, " + where).isNotNull();
    }
  }

  private void assertCountsAreThoseOfARecount(String where) {
    var depths = engine.depths();
    assertThat(depths.pending()).as(where).isEqualTo(count(Status.PENDING));
    assertThat(depths.delayed() + depths.delayedFar()).as(where).isEqualTo(count(Status.DELAY));
    assertThat(depths.claimed() + depths.demoted()).as(where).isEqualTo(count(Status.CLAIMED));
    assertThat(depths.processing()).as(where).isEqualTo(count(Status.PROCESSING));
    assertThat(depths.awaitingRetry()).as(where).isEqualTo(count(Status.RETRY));
    assertThat(depths.failed()).as(where).isEqualTo(count(Status.FAILURE));
    assertThat(depths.finished()).as(where).isEqualTo(count(Status.COMPLETE));
    assertThat(depths.parked())
        .as(where)
        .isEqualTo(rows().stream().filter(row -> row.parked() != null).count());
    assertThat(depths.payloadBytes())
        .as(where)
        .isEqualTo(
            rows().stream()
                .filter(row -> !(row.state() instanceof Completed))
                .mapToLong(row -> row.activation().payloadBytes())
                .sum());
  }

  private int count(Status status) {
    return (int) rows().stream().filter(row -> row.state().status() == status).count();
  }
}
