package io.taskbroker.application.upkeep;

import io.taskbroker.application.Backoff;
import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.application.upkeep.RelayOutcome.KeptAside;
import io.taskbroker.application.upkeep.RelayOutcome.Leaving;
import io.taskbroker.application.upkeep.RelayOutcome.Round;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Brings the rows of one lane to their topic, in turns. A row is over once Kafka has acknowledged
 * its record; one that fails by itself is kept aside and holds up nothing.
 *
 * <p>What Kafka has answered is told to the store before anything else runs, so that no failure of
 * ours makes a record go out twice.
 */
public final class OutboxRelay {
  /** Records in flight together: a few round trips' worth for any broker. */
  private static final int MAX_ROWS = 1_000;

  /** Payload bytes in flight together. */
  private static final long MAX_BYTES = 16L << 20;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  /** Turns in which Kafka took other rows; then the row itself is taken for the cause. */
  private static final int MOST_LEFT_BEHIND = 3;

  private final Lane lane;
  private final Supplier<Target> target;
  private final OutboxStore store;
  private final OutgoingRecords records;
  private final TimeSource time;
  private final RelayStandstill standstill;
  private final RelayReport report;
  private final Backoff backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF);
  private final Defects defects;
  private Moment notBefore;
  private Moment lastEmpty;

  /** By key, in how many turns before this one Kafka took others and not this row. */
  private Map<Long, Integer> leftBehind = Map.of();

  /**
   * Where a lane leads.
   *
   * @param publisher to the cluster that the topic is of
   */
  public record Target(String topic, Publisher publisher) {}

  /**
   * @param target where the lane leads now; asked once for all that is published together
   */
  public OutboxRelay(
      Lane lane,
      Supplier<Target> target,
      OutboxStore store,
      ActivationEncoder encoder,
      TimeSource time,
      Stalls stalls,
      PublishedCounts counts,
      EventSink<OutboxEvent> metrics) {
    this.lane = lane;
    this.target = target;
    this.store = store;
    this.records = new OutgoingRecords(lane, encoder);
    this.time = time;
    this.standstill = new RelayStandstill(lane, stalls);
    this.report = new RelayReport(lane, counts, metrics, time);
    this.defects = new Defects("publishing broke; what may be repeated is tried again", time);
    this.notBefore = time.now();
    this.lastEmpty = notBefore;
  }

  /**
   * Publishes some rows.
   *
   * @return how many have left; 0 if there are none, or Kafka takes none now
   */
  public int turn() {
    Moment now = time.now();
    if (now.isBefore(notBefore)) {
      tellAge(now);
      return 0;
    }
    List<Taken> taken;
    try {
      taken = store.take(lane, MAX_ROWS, MAX_BYTES);
    } catch (RuntimeException e) {
      tellAge(now); // whatever the cause, the lane gets no younger
      throw e;
    }
    if (taken.isEmpty()) {
      lastEmpty = now;
      tellAge(now);
      standstill.end();
      return 0;
    }
    Target to;
    try {
      to = target.get();
    } catch (RuntimeException e) {
      store.giveBack(taken.stream().map(row -> row.row().key()).toList());
      throw e;
    }
    var outcome = new RelayOutcome();
    publish(to, encoded(taken, to.topic(), outcome), outcome);
    int left = finish(to.topic(), outcome);
    tellAge(now);
    report.tell(outcome);
    return left;
  }

  /** Zero for a lane that is empty now. */
  private void tellAge(Moment now) {
    report.behind(now.since(lastEmpty));
  }

  /** The rows that can leave; all others are parked. */
  private List<Leaving> encoded(List<Taken> taken, String topic, RelayOutcome outcome) {
    List<Leaving> leaving = new ArrayList<>(taken.size());
    for (Taken row : taken) {
      String loop = OutgoingRecords.wouldLoop(row, topic);
      if (loop != null) {
        park(row, loop, outcome);
        continue;
      }
      try {
        leaving.add(new Leaving(row, records.of(row, time.now().wallMs())));
      } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
        park(row, "it cannot be encoded: " + e, outcome);
      }
    }
    return leaving;
  }

  /** Rows that were refused before are published one by one, so that they hinder no others. */
  private void publish(Target to, List<Leaving> leaving, RelayOutcome outcome) {
    List<List<Leaving>> together = new ArrayList<>();
    List<Leaving> fresh = leaving.stream().filter(row -> !row.wasRefused()).toList();
    if (!fresh.isEmpty()) {
      together.add(fresh);
    }
    leaving.stream().filter(Leaving::wasRefused).forEach(row -> together.add(List.of(row)));
    for (List<Leaving> some : together) {
      if (outcome.obstacle != null) {
        some.forEach(row -> outcome.returned.add(row.key()));
      } else {
        long began = time.nanos();
        List<Fate> fates = fatesOf(to, some);
        settle(some, fates, outcome);
        outcome.rounds.add(new Round(some, fates, Duration.ofNanos(time.nanos() - began)));
      }
    }
  }

  private List<Fate> fatesOf(Target to, List<Leaving> some) {
    List<Fate> fates = new ArrayList<>(published(to, some.stream().map(Leaving::record).toList()));
    withoutWords(to, some, fates);
    return fates;
  }

  private List<Fate> published(Target to, List<OutgoingRecord> wanted) {
    try {
      return to.publisher().publish(to.topic(), wanted);
    } catch (RuntimeException e) { // it must not, and whatever it did before that is not known
      defects.accept(e);
      return Collections.nCopies(
          wanted.size(), new Fate.Unknown("publishing broke: " + e, "See the log"));
    }
  }

  /** Tasks whose dead letters have no room for words leave without them, all together. */
  private void withoutWords(Target to, List<Leaving> some, List<Fate> fates) {
    List<Integer> places = new ArrayList<>();
    List<OutgoingRecord> plain = new ArrayList<>();
    for (int i = 0; i < fates.size(); i++) {
      OutgoingRecord record = some.get(i).record();
      boolean refused = fates.get(i) instanceof Fate.Refused || fates.get(i) instanceof Fate.Never;
      if (refused
          && !record.headers().isEmpty()
          && !some.get(i).row().row().activation().isBadRecord()) {
        places.add(i);
        plain.add(
            new OutgoingRecord(record.value(), Map.of(), record.partitionKey(), record.delivery()));
      }
    }
    List<Fate> theirs = plain.isEmpty() ? List.of() : published(to, plain);
    for (int i = 0; i < places.size(); i++) {
      fates.set(places.get(i), theirs.get(i));
    }
  }

  private void settle(List<Leaving> some, List<Fate> fates, RelayOutcome outcome) {
    List<Long> published = new ArrayList<>(some.size());
    for (int i = 0; i < some.size(); i++) {
      if (fates.get(i) instanceof Fate.Acknowledged) {
        published.add(some.get(i).key());
      }
    }
    store.published(published);
    outcome.published += published.size();
    for (int i = 0; i < some.size(); i++) {
      Leaving row = some.get(i);
      switch (fates.get(i)) {
        case Fate.Acknowledged _ -> {}
        case Fate.NotNow notNow -> {
          outcome.returned.add(row.key());
          outcome.obstacle = notNow;
        }
        case Fate.Unknown(String reason, String remedy) -> {
          switch (row.record().delivery()) {
            case AT_LEAST_ONCE -> outcome.returned.add(row.key());
            case AT_MOST_ONCE -> store.uncertain(List.of(row.key()), reason);
          }
          outcome.obstacle = new Fate.NotNow(reason, remedy);
        }
        case Fate.Refused(String reason) -> {
          store.refused(row.key(), reason);
          outcome.refused.add(new KeptAside(row.row(), reason));
        }
        case Fate.Never(String reason) -> park(row.row(), reason, outcome);
      }
    }
  }

  private void park(Taken row, String reason, RelayOutcome outcome) {
    store.park(row.row().key(), reason);
    outcome.parked.add(new KeptAside(row, reason));
  }

  private int finish(String topic, RelayOutcome outcome) {
    Fate.NotNow obstacle = outcome.obstacle;
    if (obstacle == null) {
      leftBehind = Map.of();
      backoff.reset();
      standstill.end();
      return outcome.published;
    }
    notBefore = time.now().plus(backoff.next());
    giveBack(outcome, obstacle);
    standstill.begin(topic, obstacle);
    return 0;
  }

  /** A row that stays behind again and again while others leave is kept aside for a while. */
  private void giveBack(RelayOutcome outcome, Fate.NotNow obstacle) {
    Map<Long, Integer> behind = new LinkedHashMap<>();
    List<Long> returned = new ArrayList<>(outcome.returned.size());
    for (long key : outcome.returned) {
      int turns = leftBehind.getOrDefault(key, 0) + (outcome.published > 0 ? 1 : 0);
      if (turns >= MOST_LEFT_BEHIND) {
        store.refused(key, obstacle.reason());
      } else {
        behind.put(key, turns);
        returned.add(key);
      }
    }
    leftBehind = behind;
    store.giveBack(returned);
  }
}
