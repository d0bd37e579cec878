package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.broker.PlainTask;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports that one broker has taken for another one, where brokers share their rows. */
final class LeftReports {
  private static final Elsewhere.Word COMPLETE = new Elsewhere.Word.Concluded(Conclusion.COMPLETE);

  /** Several looks of a broker at what others have taken, while the server answers. */
  private static final long LOOKS_MS = 600;

  private final World world;
  private final Ledger ledger;
  private final Fates fates;

  /** Those that came in time, by the id of the task. */
  private final Map<String, Taken> inTime = new HashMap<>();

  /** The last round in which a worker has had the task, by its id. */
  private final Map<String, Long> handed = new HashMap<>();

  /** Tasks that operators are giving back, and how many of them. */
  private final Map<String, Integer> givingBack = new HashMap<>();

  /**
   * A report that was taken in time.
   *
   * @param crashes of the server before that
   * @param round in which the task had been claimed last by then
   * @param countsFromMs the moment from which on nobody hands the task out
   */
  private record Taken(
      String broker, int crashes, long round, long countsFromMs, Conclusion conclusion) {}

  LeftReports(World world, Ledger ledger, Fates fates) {
    this.world = world;
    this.ledger = ledger;
    this.fates = fates;
  }

  /** A broker has answered a report, and the file knows of it. */
  void taken(Machine machine, PlainTask task, Conclusion conclusion) {
    if (!machine.isReported(task.id())) {
      return;
    }
    int crashes = world.lostGroups().crashes();
    machine.rows().stream()
        .filter(row -> row.activation().id().equals(task.id()))
        .filter(this::isInTime)
        .forEach(
            row ->
                inTime.putIfAbsent(
                    task.id(),
                    new Taken(
                        machine.name(), crashes, row.round(), countsFromMs(row), conclusion)));
  }

  /**
   * At once, if a worker has the task by its latest claim. While that claim is on its way, the
   * report is about an attempt whose time was over, and the claim may go back before the report is
   * looked at.
   */
  private long countsFromMs(StoredActivation row) {
    boolean isHanded = handed.getOrDefault(row.activation().id(), 0L) >= row.round();
    return world.time().now().monotonicMs() + (isHanded ? 0 : LOOKS_MS);
  }

  /** An operator gives the task back, which may be done before the report is looked at. */
  void givingBack(String id) {
    givingBack.merge(id, 1, Integer::sum);
  }

  /** The order is answered; if it was carried out, what was reported before is overruled. */
  void gaveBack(String id, boolean isDone) {
    givingBack.merge(id, -1, Integer::sum);
    if (isDone) {
      inTime.remove(id);
    }
  }

  /** Whether nobody may have judged its silence; what comes later may find it judged. */
  private boolean isInTime(StoredActivation row) {
    return switch (row.state()) {
      case ActivationState.Processing(Moment deadline) ->
          world.time().now().monotonicMs() < deadline.monotonicMs();
      case ActivationState.Claimed(Moment end, _) ->
          world.time().now().monotonicMs() < end.monotonicMs();
      case ActivationState.Pending _,
          ActivationState.Delayed _,
          ActivationState.AwaitingRetry _,
          ActivationState.Failed _,
          ActivationState.Completed _ ->
          false;
    };
  }

  /** A report has come to its row, whatever was answered to it. */
  void wrote(JournalGroup group) {
    for (Elsewhere.Left left : group.settledReports()) {
      Fate fate = fates.of(world.names().rootOfId(left.report().id()));
      boolean isOver =
          group.changes().deleted().contains(left.key())
              || group.changes().updated().stream()
                  .filter(row -> row.key() == left.key())
                  .anyMatch(row -> row.state() instanceof ActivationState.Completed);
      if (fate != null && isOver && left.report().word().equals(COMPLETE)) {
        fate.completed.put(left.report().id(), world.lostGroups().crashes());
      }
    }
  }

  /** What one broker has taken, no broker hands out anew. */
  void judgeHandOut(Machine machine, Claim claim, Fate fate, PlainTask task) {
    long round = Token.roundOf(claim.token());
    handed.merge(task.id(), round, Math::max);
    Taken before = inTime(fate, task);
    if (before != null
        && round > before.round()
        && world.time().now().monotonicMs() >= before.countsFromMs()) {
      ledger.violated(
          Kind.REVIVED,
          "%s is handed out by %s, and %s had taken %s of it before"
              .formatted(
                  world.names().attempt(task),
                  machine.name(),
                  before.broker(),
                  before.conclusion()));
    }
  }

  /** What one broker has taken as complete is not dead-lettered by another. */
  void judgeDeadLetter(Fate fate, PlainTask task) {
    Taken before = inTime(fate, task);
    if (before != null && before.conclusion() == Conclusion.COMPLETE && !fate.failureReported) {
      ledger.violated(
          Kind.BURIED_ALIVE,
          "%s is dead-lettered, and %s had taken its completion before"
              .formatted(world.names().attempt(task), before.broker()));
    }
  }

  /** What was taken of this task in time, and no crash has taken away; null if nothing was. */
  private @Nullable Taken inTime(Fate fate, PlainTask task) {
    Taken before = inTime.get(task.id());
    return before == null
            || fate.records.getOrDefault(task.attempts(), 0) != 1
            || ledger.isRequeued(task.id())
            || givingBack.getOrDefault(task.id(), 0) > 0
            || world.lostGroups().hasReopened(task.id(), before.crashes())
        ? null
        : before;
  }
}
