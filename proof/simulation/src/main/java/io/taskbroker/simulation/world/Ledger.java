package io.taskbroker.simulation.world;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Depths;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Knows every task's fate from outside the brokers, and finds what must not be. The first violation
 * is kept: what is thrown inside the core might be caught there.
 */
final class Ledger {
  /** A broker that cannot ask its journal what became of a group has to end. */
  private static final String CANNOT_ASK = "It cannot be found out what was written";

  /** Others may depose a broker that was silent for long enough, and they cannot before. */
  private static final String DEPOSED = "deposed by";

  private final World world;
  private final Fates fates;
  private final TopicLedger topics;
  private final HandLedger hands;
  private final CommitLedger commits;
  private final PauseLedger pauses;
  private final RowStates rowStates = new RowStates(this);
  private boolean expectsFailure;
  private boolean hasUnknown;
  private @Nullable Violation violation;

  Ledger(World world) {
    this.world = world;
    this.fates = new Fates(world.rulesEver(), world.lostGroups());
    this.topics = new TopicLedger(world, this, fates);
    this.hands = new HandLedger(world, this, fates);
    this.commits = new CommitLedger(world, this, fates);
    this.pauses = new PauseLedger(world);
  }

  TopicLedger topics() {
    return topics;
  }

  HandLedger hands() {
    return hands;
  }

  CommitLedger commits() {
    return commits;
  }

  PauseLedger pauses() {
    return pauses;
  }

  Optional<Violation> violation() {
    return Optional.ofNullable(violation);
  }

  void violated(Kind kind, String what) {
    if (violation == null) {
      violation = new Violation(kind, what);
      world.history().say("VIOLATION", "%s", violation);
    }
  }

  // ---------------------------------------------------------------- what disturbs

  /**
   * A process has forgotten what it knew and had not written, or a broker has lost partitions
   * without having committed.
   */
  void disturbed() {
    fates.disturbed();
  }

  /** Nobody knows whether a group was written. */
  void unknown() {
    hasUnknown = true;
  }

  void expectFailure() {
    expectsFailure = true;
  }

  /** The task's row cannot be read, written or encoded for a while. */
  void faulty(String root) {
    fates.faulty(root);
  }

  boolean hasFaultyRows() {
    return fates.hasFaulty();
  }

  void produced(TaskSpec spec) {
    fates.produced(spec, world.scheduler().nanos());
  }

  void producedBad(String name) {
    fates.producedBad(name);
  }

  /** An operator has this one begin anew. */
  void requeued(String root) {
    rowStates.mayBeginAnew(root);
  }

  /** Whether an operator has had this one begin anew, or has ordered that. */
  boolean isRequeued(String root) {
    return rowStates.isRequeued(root);
  }

  // ---------------------------------------------------------------- the store

  void wrote(String broker, JournalGroup group) {
    world.lostGroups().wrote(group);
    hands.leftReports().wrote(group);
    rowStates.wrote(world.setup().shared() ? World.SHARED : broker, group);
  }

  /** A power cut has taken groups away: this is what is left. */
  void forgot(String broker, List<StoredActivation> rows) {
    rowStates.begin(broker, rows);
  }

  void opened(Machine machine, Depths depths) {
    Depths before = machine.atStop();
    if (before != null
        && before.parked() == 0
        && !fates.hasFaulty()
        && (before.unfinished() != depths.unfinished() || before.finished() != depths.finished())) {
      violated(
          Kind.REOPENED,
          "%s held %d unfinished and %d finished rows when it was stopped, and now %d and %d"
              .formatted(
                  machine.name(),
                  before.unfinished(),
                  before.finished(),
                  depths.unfinished(),
                  depths.finished()));
    }
  }

  // ---------------------------------------------------------------- defects

  void uncaught(String job, Throwable thrown) {
    if (!(thrown instanceof StoreException.Closed)) {
      violated(Kind.DEFECT, "job " + job + " has ended with " + describe(thrown));
    }
  }

  private static String describe(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    return thrown + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  void failed(String broker, Throwable cause) {
    boolean isDeposed = String.valueOf(cause.getMessage()).contains(DEPOSED);
    boolean cannotAsk = hasUnknown && String.valueOf(cause.getMessage()).contains(CANNOT_ASK);
    if (!expectsFailure && !cannotAsk && !isDeposed) {
      violated(Kind.DEFECT, broker + " cannot go on, for no reason of ours: " + cause);
    }
  }

  // ---------------------------------------------------------------- the end

  /** Tasks without an end so far. */
  List<String> unended() {
    return fates.unended();
  }

  /** Everything is still, so whatever has no end has none any more. */
  void judgeEnd() {
    List<String> lost = unended();
    if (!lost.isEmpty()) {
      violated(Kind.LOST, "nothing is left to do, and these tasks have no end: " + lost);
    }
    for (String name : fates.unburied()) {
      violated(Kind.LOST, "bad record " + name + " was not dead-lettered");
    }
  }
}
