package io.taskbroker.simulation.world;

import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.journal.InMemoryJournal;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where one broker of the group runs: its file, its disk and its clocks outlive its processes. */
final class Machine {
  private static final Duration RESTART = Duration.ofSeconds(1);

  /** Eight seconds without a beat, and a call that was under way by then. */
  private static final long LONGEST_SILENCE_NANOS = 8_500_000_000L;

  /** Calls under trouble take some time more. */
  private static final long CALL_NANOS = 1_000_000_000L;

  private final World world;
  private final String name;
  private InMemoryFile file = new InMemoryFile();
  private final DiskFaults disk;
  private final SimulatedTime time;
  private @Nullable SimulatedProcess process;
  private @Nullable InMemoryJournal journal;
  private int powerCuts;
  private int starts;
  private final Accounts accounts;

  /** Since when its process is to end; the end of time if it may go on. */
  private long endsSince = Long.MAX_VALUE;

  /** What the last process held when it ended in good order; null if it did not. */
  private @Nullable Depths atStop;

  Machine(World world, String name) {
    this.world = world;
    this.name = name;
    this.disk = new DiskFaults(world.scheduler());
    this.time = new SimulatedTime(world.scheduler());
    this.accounts = new Accounts(world, this);
  }

  String name() {
    return name;
  }

  DiskFaults disk() {
    return disk;
  }

  SimulatedTime time() {
    return time;
  }

  /** The rows that its next process would find, or that all brokers share. */
  List<StoredActivation> rows() {
    InMemorySpace space = world.space();
    return space == null ? file.rows() : space.rows();
  }

  /** Those of them that nothing takes away. */
  List<StoredActivation> durableRows() {
    InMemorySpace space = world.space();
    return space == null ? file.durableRows() : space.durableRows();
  }

  /** Whether the row of this partition is this broker's now, and nobody else wants it. */
  boolean has(Partition partition) {
    InMemorySpace space = world.space();
    return space == null
        || (processName().equals(space.owners().get(partition))
            && !space.wanted().contains(partition));
  }

  /** As others know it: a process that starts again is another broker. */
  private String processName() {
    return name + "." + starts;
  }

  /** How often what was written to its file may have been lost. */
  int powerCuts() {
    return powerCuts;
  }

  @Nullable Depths atStop() {
    return atStop;
  }

  @Nullable SimulatedProcess process() {
    return process;
  }

  /** The process that answers now; null if there is none, or it hangs. */
  @Nullable SimulatedProcess serving() {
    SimulatedProcess running = process;
    return running != null && running.isServing() ? running : null;
  }

  Journal openJournal() {
    InMemorySpace space = world.space();
    if (space != null) {
      return space.open(processName());
    }
    InMemoryJournal opened = file.open();
    journal = opened;
    return opened;
  }

  void start() {
    if (process == null) {
      starts++;
      endsSince = Long.MAX_VALUE;
      world.history().say(name, "starts, process %d", starts);
      process = new SimulatedProcess(world, this, starts);
      process.start();
    }
  }

  void kill() {
    if (process != null) {
      world.history().say(name, "is killed");
      world.ledger().disturbed();
      end(process);
    }
  }

  private void end(SimulatedProcess ending) {
    ending.kill();
    process = null;
    atStop = null;
    if (journal != null) {
      journal.close();
      journal = null;
    }
  }

  /**
   * @param tenths of what a power cut may take away that survives it
   */
  void cutPower(int tenths) {
    if (world.space() != null) {
      kill();
      return;
    }
    world.history().say(name, "loses power; %d of 10 unsynced groups survive", tenths);
    world.ledger().disturbed();
    if (process != null) {
      end(process);
    }
    powerCuts++;
    atStop = null;
    file.cutPower(file.undurableGroups() * tenths / 10);
    world.ledger().forgot(name, file.rows());
  }

  void loseFile() {
    kill();
    world.history().say(name, "its file is gone");
    file = new InMemoryFile();
    start();
  }

  void stop() {
    if (process != null) {
      world.history().say(name, "is stopped");
      if (disk.isTroubled()) {
        world.ledger().disturbed();
      }
      endsSince = Math.min(endsSince, world.scheduler().nanos());
      process.stop();
    }
  }

  void freeze(Duration span) {
    if (process != null) {
      world.history().say(name, "stands still for %d ms", span.toMillis());
      world.ledger().disturbed();
      process.freeze(span);
    }
  }

  /** The process has ended by itself: in good order, or since it could not go on. */
  void ended(SimulatedProcess ended, String why, @Nullable Depths held) {
    if (ended == process) {
      world.history().say(name, "has ended: %s", why);
      end(ended);
      atStop = world.space() == null ? held : null;
      long since = Math.min(endsSince, world.scheduler().nanos());
      if (held == null || disk.isTroubled() || !disk.isQuick(since)) {
        world.ledger().disturbed();
      }
      world.scheduler().after(RESTART, this::start);
    }
  }

  /** The server that it shares with others has crashed, and holds this now. */
  void serverCrashed(ServerImage after) {
    SimulatedProcess running = process;
    Long last = after.groups().get(processName());
    if (running != null && last != null) {
      long lost = running.crashed(last);
      if (lost > 0) {
        world.history().say(name, "%d of its groups are lost", lost);
      }
    }
  }

  /**
   * Its process begins a push. Only one that has just woken may do so after it was deposed, or when
   * others may soon take it for dead.
   */
  void pushes() {
    SimulatedProcess running = process;
    if (running == null || !accounts.hasServedForLong()) {
      return;
    }
    if (isDeposed()) {
      world.ledger().violated(Kind.DEFECT, name + " begins a push after it was deposed");
    }
    long before = world.scheduler().nanos() - CALL_NANOS;
    boolean isQuick = disk.isQuick(before) && running.stallLines().isFree(before);
    if (isQuick && running.silentNanos() > LONGEST_SILENCE_NANOS) {
      world
          .ledger()
          .violated(
              Kind.DEFECT,
              "%s begins a push, and has not been heard for %d ms"
                  .formatted(name, running.silentNanos() / 1_000_000));
    }
  }

  /** Whether another broker has deposed its process, which may not know it yet. */
  boolean isDeposed() {
    InMemorySpace space = world.space();
    return space != null && space.isGone(processName());
  }

  /** Whether the process has served, and has not stood still, since then. */
  boolean hasServedSince(long sinceNanos) {
    return accounts.hasServedSince(sinceNanos);
  }

  /** Whether a report about this task waits for the broker that has its row. */
  boolean isReported(String id) {
    InMemorySpace space = world.space();
    return space != null && ServerImage.reported(space).contains(id);
  }

  /** Whether the process may know rows that the server has lost. */
  boolean isBehind() {
    SimulatedProcess running = process;
    return running != null && running.isBehind();
  }

  /** Of how many crashes of the server the process knows what they have taken away. */
  int knownCrashes() {
    SimulatedProcess running = process;
    return running == null ? world.lostGroups().crashes() : running.knownCrashes();
  }

  /** The partitions in its custody. */
  Set<Partition> partitions() {
    InMemorySpace space = world.space();
    Set<Partition> mine = new HashSet<>();
    if (space != null) {
      space
          .owners()
          .forEach(
              (partition, owner) -> {
                if (owner.equals(processName())) {
                  mine.add(partition);
                }
              });
    }
    return mine;
  }

  /** Looks whether the process says what stands still, and notices what the server has lost. */
  void look() {
    accounts.look();
    SimulatedProcess running = process;
    if (running != null && running.isServing()) {
      running.stallLines().look(disk, running.isHeld());
    } else if (running != null) {
      running.stallLines().isFrozen();
    }
  }

  boolean isDraining() {
    return process != null && process.isDraining();
  }

  boolean isUp() {
    return process != null && process.isServing();
  }
}
