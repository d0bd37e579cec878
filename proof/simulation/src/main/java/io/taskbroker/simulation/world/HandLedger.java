package io.taskbroker.simulation.world;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.broker.PlainTask;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

/** Who has had a task in hand, and what was said of it. */
final class HandLedger {
  private final World world;
  private final Ledger ledger;
  private final Fates fates;

  /** Reports that a process has taken, with the power cuts and crashes before that. */
  private final Map<String, Taken> taken = new HashMap<>();

  /** Given back by an operator: a push may be on its way that the file has forgotten since. */
  private final Set<String> givenBack = new HashSet<>();

  private record Taken(Life by, int powerCuts, int crashes, Conclusion conclusion) {}

  private final LeftReports leftReports;

  HandLedger(World world, Ledger ledger, Fates fates) {
    this.world = world;
    this.ledger = ledger;
    this.fates = fates;
    this.leftReports = new LeftReports(world, ledger, fates);
  }

  LeftReports leftReports() {
    return leftReports;
  }

  /** A worker has it, or its end of the connection has. */
  void handed(Machine machine, Life by, Delivered delivered) {
    PlainTask task = PlainTask.decode(delivered.payload()).orElseThrow();
    String attempt = world.names().attempt(task);
    world.history().say(machine.name(), "hands out %s", attempt);
    Fate fate = fates.of(world.names().rootOf(task));
    if (fate == null) {
      ledger.violated(Kind.DEFECT, "a task that nobody has produced is handed out: " + task.id());
      return;
    }
    ledger.pauses().handed(machine, fate.spec.application(), attempt);
    String place = machine.name() + " " + task.id();
    if (!by.isOver() && !givenBack.contains(place)) {
      judgeClaim(machine, delivered.claim(), attempt);
    }
    int hands = fate.hands.merge(task.attempts(), 1, Integer::sum);
    if (fate.spec.atMostOnce() && hands > 1) {
      ledger.violated(
          Kind.RUN_TWICE, "at-most-once task " + attempt + " is in a worker's hands a second time");
    }
    leftReports.judgeHandOut(machine, delivered.claim(), fate, task);
    Taken before = taken.get(place);
    if (before != null
        && before.by() != by
        && before.powerCuts() == machine.powerCuts()
        && !world.lostGroups().hasReopened(task.id(), before.crashes())
        && fate.records.getOrDefault(task.attempts(), 0) == 1) {
      ledger.violated(
          Kind.REVIVED,
          attempt
              + " is handed out by "
              + machine.name()
              + ", whose process before had taken "
              + before.conclusion()
              + " of it");
    }
  }

  /** Before anybody has a task, the file knows of that, or has known it. */
  private void judgeClaim(Machine machine, Claim claim, String attempt) {
    long round = Token.roundOf(claim.token());
    boolean isUnknown =
        machine.rows().stream()
            .filter(row -> row.key() == claim.key())
            .anyMatch(row -> LostGroups.isOpen(row) && row.round() < round);
    if (isUnknown && !world.lostGroups().hasHandOut(claim.key(), round)) {
      ledger.violated(
          Kind.UNWRITTEN,
          attempt + " is handed out by " + machine.name() + ", and its file does not know of that");
    }
  }

  /**
   * The server has crashed and holds these rows: who has claimed one has forgotten what he was
   * about to do with it.
   */
  void crashed(Collection<StoredActivation> rows) {
    for (StoredActivation row : rows) {
      boolean isClaimed =
          row.state() instanceof ActivationState.Claimed
              || row.state() instanceof ActivationState.Processing;
      Fate fate = fates.of(world.names().rootOfId(row.activation().id()));
      if (fate != null && isClaimed) {
        fate.uncertain = true;
      }
    }
  }

  /** Nobody knows whether a worker has it. */
  void uncertain(Delivered delivered) {
    Fate fate = fates.of(world.names().rootOf(delivered.payload()));
    if (fate != null) {
      fate.uncertain = true;
    }
  }

  /** A broker is told that a delivery has broken off. */
  void brokeOff(Delivered delivered) {
    Fate fate = fates.of(world.names().rootOf(delivered.payload()));
    if (fate != null) {
      fate.brokenDeliveries++;
    }
  }

  /** A worker says so; whether it will be heard is open. */
  void reporting(PlainTask task, Conclusion conclusion) {
    Fate fate = fates.of(world.names().rootOf(task));
    if (fate != null) {
      switch (conclusion) {
        case FAILURE -> fate.failureReported = true;
        case COMPLETE -> fate.openReports++;
        case RETRY -> {}
      }
    }
  }

  /**
   * A broker has answered a report.
   *
   * @param crashes of the server that the broker knew of when the report was made
   */
  void reported(
      Machine machine,
      Life by,
      PlainTask task,
      Conclusion conclusion,
      Concluded concluded,
      int crashes) {
    Fate fate = fates.of(world.names().rootOf(task));
    if (fate == null) {
      return;
    }
    if (conclusion == Conclusion.COMPLETE) {
      fate.openReports--;
    }
    if (!concluded.known()) {
      return;
    }
    if (!isWritten(machine, task, fate)) {
      if (!world.lostGroups().hasReopened(task.id(), crashes)) {
        ledger.violated(
            Kind.UNWRITTEN,
            "%s has taken %s of %s, and its file does not know of that"
                .formatted(machine.name(), conclusion, world.names().attempt(task)));
      }
      return;
    }
    int known = world.lostGroups().crashes();
    if (conclusion == Conclusion.COMPLETE) {
      fate.completed.put(task.id(), known);
    }
    taken.putIfAbsent(
        machine.name() + " " + task.id(), new Taken(by, machine.powerCuts(), known, conclusion));
    leftReports.taken(machine, task, conclusion);
  }

  /** Whether a report that was answered is in the file, or left for another broker. */
  private boolean isWritten(Machine machine, PlainTask task, Fate fate) {
    boolean isSingle = fate.records.getOrDefault(task.attempts(), 0) == 1;
    if (!isSingle || ledger.isRequeued(task.id()) || machine.isReported(task.id())) {
      return true;
    }
    List<StoredActivation> rows =
        machine.rows().stream()
            .filter(row -> row.activation().id().equals(task.id()))
            .filter(row -> !row.activation().isBadRecord())
            .toList();
    return rows.isEmpty()
        ? !world.lostGroups().isGone(task.id())
        : rows.stream().noneMatch(LostGroups::isOpen);
  }

  /** An operator orders this; whether it will be done is open. */
  void ordering(Act act, String root) {
    Fate fate = fates.of(root);
    if (fate != null) {
      switch (act) {
        case CANCEL, COMPLETE -> fate.cancelled = true;
        case REQUEUE -> ledger.requeued(root);
        case RUN_NOW, GIVE_BACK -> {}
      }
    }
    if (act == Act.GIVE_BACK) {
      leftReports.givingBack(root);
    }
  }

  /** The order has changed nothing. */
  void orderedInVain(Act act, String root) {
    if (act == Act.GIVE_BACK) {
      leftReports.gaveBack(root, false);
    }
  }

  /**
   * The order was carried out.
   *
   * @param crashes of the server that the broker knew of when it was given
   */
  void ordered(Machine machine, Life by, Act act, String root, int crashes) {
    String key = machine.name() + " " + root; // the id of a first attempt
    switch (act) {
      case CANCEL, COMPLETE ->
          taken.put(key, new Taken(by, machine.powerCuts(), crashes, Conclusion.COMPLETE));
      case REQUEUE -> taken.remove(key);
      case GIVE_BACK -> {
        givenBack.add(key);
        leftReports.gaveBack(root, true);
      }
      case RUN_NOW -> {}
    }
  }

  /** The broker has answered a report with this; unless it is closing, nothing has changed then. */
  void refused(PlainTask task, Conclusion conclusion, Throwable failure) {
    Fate fate = fates.of(world.names().rootOf(task));
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (fate != null
        && conclusion == Conclusion.COMPLETE
        && !(cause instanceof StoreException.Closed)) {
      fate.openReports--;
    }
  }
}
