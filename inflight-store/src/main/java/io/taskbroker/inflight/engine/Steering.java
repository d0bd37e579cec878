package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What operators do: to one task, to all of a kind, and to the broker. */
public final class Steering {
  /** Each is asked about each task that is handed out. */
  public static final int MOST_PAUSES = 100;

  private final Rows rows;

  Steering(Rows rows) {
    this.rows = rows;
  }

  /** Does this to one task. */
  public Verdict act(Act act, long key, Moment now) {
    rows.indexes.at(now);
    Row row = rows.find(key);
    if (row == null || row.state instanceof Completed) {
      return Verdict.NOT_STORED;
    }
    if (row.isOutgoing() || row.underWay) {
      return Verdict.LEAVING;
    }
    if (row.activation.isBadRecord() && act != Act.CANCEL) {
      return Verdict.WITHOUT_EFFECT;
    }
    if (rows.move(row, act.on(row.state, delivery(row)), endingBy(act))) {
      if (act == Act.REQUEUE) {
        rows.change(row, Steering::begin);
      }
      return Verdict.DONE;
    }
    return refusal(act, row);
  }

  /**
   * Does this to one row that Kafka has refused. It is certain that neither Kafka nor a worker has
   * it; one that is not kept aside any more is left alone.
   */
  public Verdict settle(ParkedAct act, long key, Moment now) {
    rows.indexes.at(now);
    Row row = rows.find(key);
    if (row == null || row.state instanceof Completed) {
      return Verdict.NOT_STORED;
    }
    if (row.parked == null) {
      return row.isOutgoing() ? Verdict.LEAVING : Verdict.WITHOUT_EFFECT;
    }
    switch (act) {
      case RETRY -> rows.change(row, Steering::unpark);
      case DROP -> {
        boolean _ =
            rows.move(row, Lifecycle.end(row.state, Delivery.AT_LEAST_ONCE), Ending.CANCELLED);
      }
    }
    return Verdict.DONE;
  }

  private static void unpark(Row row) {
    row.parked = null;
    row.refusals = 0;
  }

  /** How a task ends that this ends. */
  private static Ending endingBy(Act act) {
    return switch (act) {
      case CANCEL -> Ending.CANCELLED;
      case COMPLETE, RUN_NOW, GIVE_BACK, REQUEUE -> Ending.COMPLETED;
    };
  }

  /** A push that never began cannot have reached a worker. */
  private static Delivery delivery(Row row) {
    return row.state instanceof Claimed && !row.sent
        ? Delivery.AT_LEAST_ONCE
        : row.activation.delivery();
  }

  private static void begin(Row row) {
    row.attempts = 0;
    row.retry = RetryOverride.NONE;
    row.failedDeliveries = null;
  }

  /** If it would have moved had it been allowed to run twice, that is the reason. */
  private static Verdict refusal(Act act, Row row) {
    return act.on(row.state, Delivery.AT_LEAST_ONCE) instanceof Transition.Moved
        ? Verdict.MAY_HAVE_BEGUN
        : Verdict.WITHOUT_EFFECT;
  }

  // ---------------------------------------------------------------- pauses

  /**
   * From now on nothing of these is handed out. Takes the place of an earlier one of the same
   * target.
   *
   * @return false if there are {@link #MOST_PAUSES} already
   */
  public boolean pause(Pause pause, Moment now) {
    Pauses pauses = rows.indexes.pauses;
    pauses.liftOver(now.wallMs());
    Map<PauseTarget, Pause> inForce = pauses.inForce();
    if (inForce.size() >= MOST_PAUSES && !inForce.containsKey(pause.target())) {
      return false;
    }
    pauses.put(pause);
    return true;
  }

  /** Ends a pause; false if it is not in force. Its rows go back by {@link #free}. */
  public boolean resume(PauseTarget target, Moment now) {
    rows.indexes.pauses.liftOver(now.wallMs());
    return rows.indexes.pauses.lift(target);
  }

  /** Those in force, in the order of their targets. */
  public List<Pause> pauses(Moment now) {
    return rows.indexes.pauses.inForce().values().stream()
        .filter(pause -> !pause.isOver(now.wallMs()))
        .toList();
  }

  /**
   * Puts rows back of pauses that have ended, as far as the turn's budget goes; how many, of at
   * most {@code limit}.
   */
  public int free(int limit, Moment now) {
    return rows.free(limit, now);
  }

  // ---------------------------------------------------------------- draining

  /** Takes the place of an earlier order to drain. */
  public void drain(Drain drain) {
    rows.drain.put(drain);
  }

  /** Ends the order to drain; false if there is none. */
  public boolean endDrain() {
    return rows.drain.end();
  }

  /** The order to drain; empty if there is none. */
  public Optional<Drain> draining() {
    return Optional.ofNullable(rows.drain.inForce());
  }
}
