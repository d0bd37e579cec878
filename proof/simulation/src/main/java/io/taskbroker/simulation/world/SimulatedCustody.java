package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.KeyReserve;
import io.taskbroker.inflight.Sharing;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.DiskFaults.Trouble;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Custody in what brokers share: each call takes time, and fails while the server is away. */
final class SimulatedCustody implements Custody, KeyReserve, Elsewhere {
  /** Brokers count in whole milliseconds. */
  private static final long CLOCK_NANOS = 1_000_000;

  /** Beats that follow each other within this have no gap between them. */
  private static final long LONGEST_GAP_NANOS = 5_000_000_000L + CLOCK_NANOS;

  private static final Duration LOOK = Duration.ofMillis(100);

  private final Custody custody;
  private final KeyReserve keys;
  private final Elsewhere elsewhere;
  private final Machine machine;
  private final Way way;
  private final Life life;

  private final Consumer<String> violated;
  private long lastBeat = -LONGEST_GAP_NANOS - 1;
  private long gaplessSince;

  /** The engine has forgotten everything, and not all of its broker's partitions are read again. */
  private boolean readsAnew;

  private long readAgainAt = Long.MIN_VALUE;

  /** The partitions of which all pages were read, since the engine has forgotten everything. */
  private final Set<Partition> read = new HashSet<>();

  /** The rows of its last page are being taken in; null if none are. */
  private @Nullable Partition lastPageOf;

  private long lastRead;

  /** Those that were here when the broker heard that others want them, until it gives them up. */
  private final Set<Partition> going = new HashSet<>();

  /** The way to the server and back. */
  interface Way {
    /** Takes the time of one call; throws if the server cannot be reached. */
    void reach();

    /** Takes the time in which rows come that were read. */
    void bringRows();

    /** Throws if the answer of what was done is to be lost. */
    void loseAnswer();
  }

  /**
   * @param violated told what the broker does that it must not do
   */
  SimulatedCustody(
      Sharing sharing, Machine machine, Way way, Life life, Consumer<String> violated) {
    this.life = life;
    this.violated = violated;
    this.custody = sharing.custody();
    this.keys = sharing.keys();
    this.elsewhere = sharing.elsewhere();
    this.machine = machine;
    this.way = way;
  }

  /** The thread that brings rows in calls once more: what it has read before is in. */
  private void next() {
    if (lastPageOf != null) {
      read.add(lastPageOf);
      lastPageOf = null;
      endReadingAnew();
    }
    way.reach();
  }

  private <T> T answered(T answer) {
    way.loseAnswer();
    return answer;
  }

  @Override
  public Duration orphanedAfter() {
    return custody.orphanedAfter();
  }

  @Override
  public Beat beat(Set<String> topics) {
    long began = life.nanos();
    way.reach();
    while (machine.disk().is(Trouble.BEATS_HANG)) {
      life.sleep(LOOK);
    }
    Beat found = custody.beat(topics);
    gaplessSince = began - lastBeat > LONGEST_GAP_NANOS ? began : gaplessSince;
    lastBeat = began;
    return found;
  }

  @Override
  public List<Held> take(Collection<Partition> partitions) {
    next();
    return answered(custody.take(partitions));
  }

  @Override
  public List<Kept> ask(Collection<Partition> partitions) {
    next();
    return answered(custody.ask(partitions));
  }

  @Override
  public void withdraw(Collection<Partition> partitions) {
    next();
    custody.withdraw(partitions);
    way.loseAnswer();
  }

  @Override
  public Set<Partition> wanted() {
    next();
    Set<Partition> wanted = custody.wanted();
    wanted.stream().filter(read::contains).forEach(going::add);
    return wanted;
  }

  @Override
  public boolean depose(long broker) {
    next();
    if (life.nanos() - gaplessSince < Custody.SILENCE.toNanos() - CLOCK_NANOS) {
      violated.accept("deposes another, and has not been heard itself for as long");
    }
    return answered(custody.depose(broker));
  }

  @Override
  public List<StoredActivation> page(Partition partition, long after, int most) {
    next();
    List<StoredActivation> page = custody.page(partition, after, most);
    if (!page.isEmpty()) {
      way.bringRows();
    }
    lastRead = life.nanos();
    lastPageOf = page.size() < most ? partition : null;
    return page.stream().map(this::byOwnClock).toList();
  }

  /** The server keeps ends by its own clock, so that they mean the same to each broker. */
  private StoredActivation byOwnClock(StoredActivation row) {
    ActivationState state =
        switch (row.state()) {
          case ActivationState.Claimed(Moment end, ClaimPurpose purpose) ->
              new ActivationState.Claimed(byOwnClock(end), purpose);
          case ActivationState.Processing(Moment deadline) ->
              new ActivationState.Processing(byOwnClock(deadline));
          case ActivationState.Pending _,
              ActivationState.Delayed _,
              ActivationState.AwaitingRetry _,
              ActivationState.Failed _,
              ActivationState.Completed _ ->
              row.state();
        };
    return new StoredActivation(
        row.key(),
        row.activation(),
        state,
        row.attempts(),
        row.retry(),
        row.parked(),
        row.failure(),
        row.underWay(),
        row.round());
  }

  private Moment byOwnClock(Moment end) {
    Moment now = machine.time().now();
    return new Moment(now.wallMs() + end.monotonicMs() - now.monotonicMs(), end.monotonicMs());
  }

  /** All that the brokers share. */
  List<StoredActivation> rows() {
    return machine.rows();
  }

  /** For how long the broker has not been heard, as it knows itself. */
  long silentNanos() {
    return life.nanos() - lastBeat;
  }

  /** The engine forgets everything: all has to be read again. */
  void startsOver() {
    readsAnew = !machine.partitions().isEmpty();
    read.clear();
    going.clear();
    lastPageOf = null;
  }

  /** Partitions that come later are not read again, but for the first time. */
  private void endReadingAnew() {
    if (readsAnew && hasReadAll()) {
      readsAnew = false;
      readAgainAt = life.nanos();
    }
  }

  /** These are not its broker's any more. */
  void gaveUp(Collection<Partition> partitions) {
    read.removeAll(partitions);
    going.removeAll(partitions);
    endReadingAnew();
  }

  /** Whether no rows have come since then, and none are going. */
  boolean isQuiet(long sinceNanos) {
    return lastRead < sinceNanos && going.isEmpty();
  }

  /** Whether all rows of the broker's partitions were read. */
  boolean hasReadAll() {
    return read.containsAll(machine.partitions());
  }

  /** Whether the engine has forgotten everything, and not all was read again by then. */
  boolean readsAgain(long sinceNanos) {
    return readsAnew || readAgainAt > sinceNanos;
  }

  /** Whether the engine has forgotten everything, and not all is read again. */
  boolean readsAnew() {
    return readsAnew && !hasReadAll();
  }

  /** Nobody else writes here. */
  @Override
  public List<StoredActivation> late(Collection<Partition> partitions) {
    return List.of();
  }

  @Override
  public long reserveKeys(int count) {
    way.reach();
    return answered(keys.reserveKeys(count));
  }

  @Override
  public List<Boolean> leave(List<Report> reports) {
    way.reach();
    return answered(elsewhere.leave(reports));
  }

  @Override
  public List<Left> left(Collection<Partition> partitions, int most) {
    next();
    return elsewhere.left(partitions, most);
  }
}
