package io.taskbroker.testkit.store;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What operators do to the rows of the {@link ModelStore}. */
final class ModelSteering {
  private final ModelRows rows;
  private final Map<PauseTarget, Pause> pauses = new TreeMap<>();

  ModelSteering(ModelRows rows) {
    this.rows = rows;
  }

  Verdict act(Act act, long key) {
    ModelRow row = rows.find(key);
    if (row == null || row.state instanceof Completed) {
      return Verdict.NOT_STORED;
    }
    if (row.isOutgoing() || row.underWay) {
      return Verdict.LEAVING;
    }
    if (row.activation.isBadRecord() && act != Act.CANCEL) {
      return Verdict.WITHOUT_EFFECT;
    }
    boolean neverSent = row.state instanceof Claimed && !row.sent;
    Delivery delivery = neverSent ? Delivery.AT_LEAST_ONCE : row.activation.delivery();
    if (rows.move(row, act.on(row.state, delivery), endingBy(act))) {
      if (act == Act.REQUEUE) {
        row.attempts = 0;
        row.retry = RetryOverride.NONE;
        row.failedDeliveries = null;
      }
      return Verdict.DONE;
    }
    return act.on(row.state, Delivery.AT_LEAST_ONCE) instanceof Transition.Moved
        ? Verdict.MAY_HAVE_BEGUN
        : Verdict.WITHOUT_EFFECT;
  }

  Verdict settle(ParkedAct act, long key) {
    ModelRow row = rows.find(key);
    if (row == null || row.state instanceof Completed) {
      return Verdict.NOT_STORED;
    }
    if (row.parked == null) {
      return row.isOutgoing() ? Verdict.LEAVING : Verdict.WITHOUT_EFFECT;
    }
    switch (act) {
      case RETRY -> {
        row.parked = null;
        row.refusals = 0;
      }
      case DROP -> {
        boolean _ =
            rows.move(row, Lifecycle.end(row.state, Delivery.AT_LEAST_ONCE), Ending.CANCELLED);
      }
    }
    return Verdict.DONE;
  }

  private static Ending endingBy(Act act) {
    return switch (act) {
      case CANCEL -> Ending.CANCELLED;
      case COMPLETE, RUN_NOW, GIVE_BACK, REQUEUE -> Ending.COMPLETED;
    };
  }

  void pause(Pause pause, Moment now) {
    free(now);
    pauses.put(pause.target(), pause);
  }

  boolean resume(PauseTarget target, Moment now) {
    free(now);
    boolean resumed = pauses.remove(target) != null;
    free(now);
    return resumed;
  }

  List<Pause> pauses(Moment now) {
    return pauses.values().stream().filter(pause -> !pause.isOver(now.wallMs())).toList();
  }

  /** Ends the pauses that are over, and lets their rows be handed out again. */
  void free(Moment now) {
    pauses.values().removeIf(pause -> pause.isOver(now.wallMs()));
    rows.all().stream()
        .filter(row -> row.pausedBy != null && !pauses.containsKey(row.pausedBy))
        .forEach(row -> row.pausedBy = null);
  }

  /** The first pause that is about this activation. */
  Optional<PauseTarget> of(Activation activation) {
    return pauses.keySet().stream().filter(target -> target.matches(activation)).findFirst();
  }
}
