package io.taskbroker.simulation.world;

import io.taskbroker.simulation.world.DiskFaults.Trouble;
import io.taskbroker.simulation.world.Violation.Kind;
import java.util.Set;
import java.util.TreeSet;

/** Whether one process says what stands still: it has its line within its time. */
final class StallLines {
  private static final String STORE = "The store";
  private static final String READING = "Reading from the store";
  private static final String INTAKE = "Intake of topic";
  private static final long SECOND = 1_000_000_000;

  /** A failure is followed by some calls more before it is said; each takes long on such a disk. */
  private static final long ON_A_SLOW_DISK = 3 * SECOND;

  /** A call of the disk may take five seconds, and its thread is then late for five more. */
  private static final long HANGS = 12 * SECOND;

  /** What lasts for a second is a standstill, and one look more until it is said. */
  private static final long HELD = 3 * SECOND;

  private final World world;
  private final String broker;
  private final Set<String> stalled = new TreeSet<>();

  /** Since when something has been tried in vain; 0 if it has not. */
  private long vainWrites;

  private long vainReads;

  /** Since when a call of the disk hangs, without a moment between two of them. */
  private long hangs;

  private int hanging;

  /** Those of them that have a line soon; one about custody of partitions has half a minute. */
  private int hangingSoon;

  private long lastHangEnded;
  private long held;
  private long lastSlow;

  StallLines(World world, String broker) {
    this.world = world;
    this.broker = broker;
  }

  void logged(String line) {
    add(line, " is stalled: ");
    remove(line, " goes on after ");
    remove(line, " ends after ");
  }

  private void add(String line, String words) {
    int at = line.indexOf(words);
    if (at > 0) {
      stalled.add(line.substring(0, at));
    }
  }

  private void remove(String line, String words) {
    int at = line.indexOf(words);
    if (at > 0) {
      String what = line.substring(0, at);
      stalled.remove(what);
      vainWrites = what.equals(STORE) ? 0 : vainWrites;
      vainReads = what.equals(READING) ? 0 : vainReads;
      held = what.startsWith(INTAKE) ? 0 : held; // what is read anew is held anew
    }
  }

  private static long since(long before, boolean isSo, long now) {
    long begun = before == 0 ? now : before;
    return isSo ? begun : 0;
  }

  void writeFailed() {
    vainWrites = since(vainWrites, true, now());
  }

  void readFailed() {
    vainReads = since(vainReads, true, now());
  }

  /**
   * A call of the disk hangs; the writer, the syncer, readers and custodians may each have one.
   *
   * @param isOfCustody whether it is about partitions, and holds up no write
   */
  void hangBegins(boolean isOfCustody) {
    hanging++;
    hangingSoon += isOfCustody ? 0 : 1;
    hangs = since(hangs, hangingSoon > 0, now());
  }

  void hangEnds(boolean isOfCustody) {
    hanging--;
    hangingSoon -= isOfCustody ? 0 : 1;
    hangs = since(hangs, hangingSoon > 0, now());
    lastHangEnded = now();
  }

  /** The process cannot speak now: what stands still does so anew when it can. */
  void isFrozen() {
    vainWrites = 0;
    vainReads = 0;
    held = 0;
    hangs = 0;
  }

  /** Something that was read is stored: what is held from here on is held anew. */
  void tookIn() {
    held = 0;
  }

  /** Whether no call to the disk has hung since then; one may go on after its trouble. */
  boolean isFree(long sinceNanos) {
    return hanging == 0 && lastHangEnded <= sinceNanos;
  }

  private long now() {
    return world.scheduler().nanos();
  }

  /**
   * Looks whether a line is missing.
   *
   * @param isHeld whether back-pressure holds what is read
   */
  void look(DiskFaults disk, boolean isHeld) {
    if (!disk.is(Trouble.FULL)) {
      vainWrites = 0;
    }
    lastSlow = disk.is(Trouble.SLOW) ? now() : lastSlow;
    boolean isOtherTrouble = disk.is(Trouble.FULL) || hanging > 0; // which has a line of its own
    if (!disk.is(Trouble.UNREADABLE) || isOtherTrouble) {
      vainReads = 0;
    }
    hangs = since(hangs, hangingSoon > 0, now());
    held = since(held, isHeld && !disk.isTroubled() && hanging == 0, now());
    demand(STORE, vainWrites, lastSlow > vainWrites ? ON_A_SLOW_DISK : SECOND);
    demand(READING, vainReads, lastSlow > vainReads ? ON_A_SLOW_DISK : SECOND);
    demand("Thread store-", hangs, HANGS);
    demand(INTAKE, held, HELD);
  }

  private void demand(String what, long since, long patience) {
    if (since != 0
        && now() - since > patience
        && stalled.stream().noneMatch(one -> one.startsWith(what))) {
      world
          .ledger()
          .violated(
              Kind.SILENCE,
              "%s says nothing of \"%s\", which has stood still for %d ms"
                  .formatted(broker, what, (now() - since) / 1_000_000));
    }
  }
}
