package io.taskbroker.simulation.world;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.Sharing;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.DiskFaults.Accident;
import io.taskbroker.simulation.world.DiskFaults.Trouble;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.journal.ForwardingJournal;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A journal whose calls take time and fail as the disk of its broker does. */
final class SimulatedJournal extends ForwardingJournal {
  private static final Duration LONG = Duration.ofMillis(150);

  /** Between two attempts of a sync, and what it may be longer. */
  private static final int PAUSE_MS = 50;

  private static final int LONGER_MS = 600;

  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long LOOK_NANOS = 100_000_000;

  /** Each call of a worker may be an attempt, and each kind of upkeep in each pass. */
  private static final int MOST_VAIN_WRITES = 300;

  private final World world;
  private final Life life;
  private final String broker;
  private final DiskFaults disk;
  private final StallLines stallLines;

  /** Null if the journal is its broker's alone. */
  private final @Nullable SimulatedCustody shared;

  /** The last group that the broker knows to be written. */
  private long acknowledged;

  /** Groups that the broker knows to be written are lost, and it has not begun anew. */
  private boolean hasLostGroups;

  /** The broker does not know what became of its last group, and has not been told yet. */
  private boolean isInDoubt;

  /** A group was not written; what is asked next belongs to the same question. */
  private boolean doubts;

  /** Of how many crashes the broker knew what they had taken away, when it fell behind. */
  private int knownCrashes;

  private JournalException.@Nullable Final end;
  private int calls;
  private int applying;
  private long lastApplied;
  private long lastBrokenOff = Long.MIN_VALUE;
  private long vainSince;
  private int vainWrites;

  SimulatedJournal(
      Journal journal, World world, Machine machine, Life life, StallLines stallLines) {
    super(journal);
    this.world = world;
    this.life = life;
    this.broker = machine.name();
    this.disk = machine.disk();
    this.stallLines = stallLines;
    this.shared =
        journal
            .sharing()
            .map(
                sharing ->
                    new SimulatedCustody(
                        sharing,
                        machine,
                        way(),
                        life,
                        what -> world.ledger().violated(Kind.DEFECT, broker + " " + what)))
            .orElse(null);
  }

  @Override
  public Optional<Sharing> sharing() {
    return Optional.ofNullable(shared).map(one -> new Sharing(one, one, one));
  }

  private SimulatedCustody.Way way() {
    return new SimulatedCustody.Way() {
      @Override
      public void reach() {
        SimulatedJournal.this.reach(true);
      }

      @Override
      public void bringRows() {
        take(20_000);
      }

      @Override
      public void loseAnswer() {
        SimulatedJournal.this.loseAnswer();
      }
    };
  }

  /**
   * One question to a server that others ask, too.
   *
   * @param isOfCustody whether it is about partitions
   */
  private void reach(boolean isOfCustody) {
    refuseAfterEnd();
    int crashes = world.lostGroups().crashes();
    take(300);
    hang(Trouble.WRITES_HANG, isOfCustody);
    if (world.lostGroups().crashes() != crashes) {
      throw new JournalException.NothingChanged("the server has crashed", cause());
    }
    refuseFull();
  }

  private void refuseFull() {
    if (disk.is(Trouble.FULL)) {
      throw new JournalException.NothingChanged("the server cannot be reached", cause());
    }
  }

  private void loseAnswer() {
    if (disk.happens(Accident.CUSTODY_UNKNOWN)) {
      world.history().say(broker, "does not hear what became of a change of custody");
      throw new JournalException.Unknown("the answer is lost", cause());
    }
  }

  /** A server that cannot be reached hears nothing of the end. */
  @Override
  public void close() {
    if (shared == null || !disk.is(Trouble.FULL)) {
      super.close();
    }
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    take(2_000);
    super.load(positions, row);
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    applying++;
    isInDoubt = false;
    try {
      tryToApply(group, durability);
    } catch (JournalException.Unknown e) {
      isInDoubt = true;
      throw e;
    } finally {
      applying--;
      lastApplied = life.nanos();
    }
  }

  private void tryToApply(JournalGroup group, Durability durability) {
    refuseAfterEnd();
    int crashes = world.lostGroups().crashes();
    take(durability == Durability.POWER_CUT ? 2_000 : 300);
    hang(Trouble.WRITES_HANG);
    if (disk.is(Trouble.FULL)) {
      countVainWrite();
      stallLines.writeFailed();
      world.history().say(broker, "disk full: group %d is not written", group.number());
      throw new JournalException.NothingChanged("the disk is full", cause());
    }
    refuseRows(group);
    if (!group.settledReports().isEmpty() && disk.happens(Accident.AWAY_AT_REPORTS)) {
      world.history().say(broker, "server away: reports are not taken in");
      throw new JournalException.NothingChanged("the server cannot be reached", cause());
    }
    if (disk.happens(Accident.NOT_WRITTEN_UNKNOWN)) {
      world.history().say(broker, "group %d is not written, and nobody can tell", group.number());
      world.ledger().unknown();
      throw new JournalException.Unknown("the commit did not answer", cause());
    }
    if (durability == Durability.POWER_CUT) {
      hang(Trouble.SYNCS_HANG);
      failSync();
    }
    breakOff(group, crashes);
    write(group, durability);
    if (!group.changes().inserted().isEmpty()) {
      stallLines.tookIn();
    }
    world.ledger().wrote(broker, group);
    if (shared != null) {
      world.ledger().topics().gaveUp(life, broker, group.givenUp(), shared.rows());
    }
    if (disk.happens(Accident.WRITTEN_UNKNOWN)) {
      world.history().say(broker, "group %d is written, and nobody can tell", group.number());
      world.ledger().unknown();
      throw new JournalException.Unknown("the commit did not answer", cause());
    }
    take(50);
    breakOff(group, crashes);
    acknowledged = group.number();
  }

  /** A server that crashes meanwhile does not say what became of the group. */
  private void breakOff(JournalGroup group, int crashes) {
    if (world.lostGroups().crashes() != crashes) {
      lastBrokenOff = life.nanos();
      world.history().say(broker, "does not hear what became of group %d", group.number());
      world.ledger().unknown();
      throw new JournalException.Unknown("the server has crashed", cause());
    }
  }

  private void write(JournalGroup group, Durability durability) {
    try {
      super.apply(group, durability);
    } catch (IllegalArgumentException e) {
      world
          .ledger()
          .violated(
              Kind.DEFECT, broker + " writes what does not fit to its file: " + e.getMessage());
      throw e;
    }
    if (shared != null) {
      shared.gaveUp(group.givenUp());
    }
  }

  /** Whether nothing has been written for a while, nor read of partitions that came. */
  boolean isQuiet(long sinceNanos) {
    return applying == 0
        && !isInDoubt
        && lastApplied < sinceNanos
        && (shared == null || shared.isQuiet(sinceNanos));
  }

  /** Whether a crash of the server has broken off a group since then. */
  boolean isBrokenOff(long sinceNanos) {
    return lastBrokenOff > sinceNanos;
  }

  /** For how long other brokers have not heard of this one, as it knows itself. */
  long silentNanos() {
    return shared == null ? 0 : shared.silentNanos();
  }

  /** Whether all rows of the partitions in the broker's custody were read. */
  boolean hasReadAll() {
    return shared == null || shared.hasReadAll();
  }

  /** Whoever cannot write has to pause before the next attempt. */
  private void countVainWrite() {
    if (life.nanos() - vainSince > SECOND_NANOS) {
      vainSince = life.nanos();
      vainWrites = 0;
    }
    if (++vainWrites > MOST_VAIN_WRITES) {
      world
          .ledger()
          .violated(
              Kind.FLOOD,
              broker + " tries to write to a full disk " + vainWrites + " times in a second");
    }
  }

  private void refuseRows(JournalGroup group) {
    Stream.concat(group.changes().inserted().stream(), group.changes().updated().stream())
        .map(row -> row.activation().id())
        .filter(id -> disk.isUnwritable(world.names().rootOfId(id)))
        .findFirst()
        .ifPresent(
            id -> {
              world
                  .history()
                  .say(broker, "row of %s cannot be written", world.names().rootOfId(id));
              throw new JournalException.NothingChanged(
                  "a row cannot be written", cause(), JournalException.Extent.ROWS);
            });
  }

  @Override
  public long lastGroup() {
    refuseAfterEnd();
    take(100);
    refuseUnreached();
    long last = super.lastGroup();
    if (doubts) {
      doubts = false; // if that is less than it knows of, it asks once more
    } else {
      startsOver();
      acknowledged = last;
    }
    return last;
  }

  /** The broker forgets everything, if it had begun. */
  private void startsOver() {
    knownCrashes = isBehind() ? knownCrashes : world.lostGroups().crashes();
    hasLostGroups = false;
    if (shared != null) {
      shared.startsOver();
    }
  }

  /**
   * The server has crashed.
   *
   * @param last group of this broker that is left
   * @return how many groups are lost that the broker knows to be written
   */
  long crashed(long last) {
    if (last < acknowledged) {
      knownCrashes = isBehind() ? knownCrashes : world.lostGroups().crashes() - 1;
      hasLostGroups = true;
    }
    return Math.max(0, acknowledged - last);
  }

  /** Whether the broker may know rows that the server has lost, until all are read again. */
  boolean isBehind() {
    return hasLostGroups || (shared != null && shared.readsAnew());
  }

  /** Of how many crashes of the server the broker knows what they have taken away. */
  int knownCrashes() {
    return isBehind() ? knownCrashes : world.lostGroups().crashes();
  }

  /** Whether not all rows were read again by then, after groups were lost. */
  boolean readsAgain(long sinceNanos) {
    return shared != null && shared.readsAgain(sinceNanos);
  }

  @Override
  public boolean isWritten(JournalGroup group) {
    refuseAfterEnd();
    take(100);
    refuseUnreached();
    doubts = !super.isWritten(group);
    isInDoubt = false;
    acknowledged = doubts ? acknowledged : group.number();
    return !doubts;
  }

  @Override
  public void sync() {
    refuseAfterEnd();
    int crashes = world.lostGroups().crashes();
    take(2_000);
    if (shared != null) {
      hang(Trouble.WRITES_HANG);
      refuseFull();
      if (disk.happens(Accident.CRASH_AT_A_SYNC)) {
        world.crashServer(roll(11));
      }
      if (world.lostGroups().crashes() != crashes) {
        life.sleep(Duration.ofMillis(PAUSE_MS + roll(LONGER_MS))); // and is tried again
      }
    }
    hang(Trouble.SYNCS_HANG);
    failSync();
    super.sync();
  }

  private void failSync() {
    if (disk.happens(Accident.SYNC_FAILS)) {
      world.history().say(broker, "a sync fails");
      end = new JournalException.Final("the sync failed", cause());
      throw end;
    }
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    beginRead();
    Map<Long, byte[]> payloads = super.payloads(keys);
    refuseUnreadable(payloads);
    return payloads;
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    beginRead();
    Optional<byte[]> payload = super.largePayload(key);
    payload.ifPresent(bytes -> refuseUnreadable(Map.of(key, bytes)));
    return payload;
  }

  private void beginRead() {
    refuseAfterEnd();
    take(100);
    refuseUnreached();
    if (disk.is(Trouble.UNREADABLE)) {
      stallLines.readFailed();
      throw new JournalException.NothingChanged("the disk cannot be read", cause());
    }
  }

  private void refuseUnreadable(Map<Long, byte[]> payloads) {
    Map<Long, String> reasons = new TreeMap<>();
    payloads.forEach(
        (key, payload) -> {
          String root = world.names().rootOf(payload);
          if (disk.isUnreadable(root)) {
            reasons.put(key, "the payload of " + root + " is damaged");
          }
        });
    if (!reasons.isEmpty()) {
      throw new JournalException.Unreadable("payloads are damaged", cause(), reasons);
    }
  }

  private void refuseUnreached() {
    if (shared != null) {
      reach(false);
    }
  }

  private void refuseAfterEnd() {
    if (end != null) {
      throw end;
    }
  }

  /** In short looks: the trouble may end sooner than was planned. */
  private void hang(Trouble trouble) {
    hang(trouble, false);
  }

  private void hang(Trouble trouble, boolean isOfCustody) {
    if (!disk.is(trouble)) {
      return;
    }
    stallLines.hangBegins(isOfCustody);
    while (disk.is(trouble)) {
      long left = disk.until(trouble) - life.nanos();
      life.sleep(Duration.ofNanos(Math.min(left, LOOK_NANOS)));
    }
    stallLines.hangEnds(isOfCustody);
  }

  private void take(int micros) {
    int dice = roll(micros);
    life.sleep(disk.is(Trouble.SLOW) ? LONG : Duration.ofNanos(dice * 1_000L));
  }

  private int roll(int bound) {
    calls++;
    return world.dice().roll(bound, broker + life.name(), calls);
  }

  private static IOException cause() {
    return new IOException("played");
  }
}
