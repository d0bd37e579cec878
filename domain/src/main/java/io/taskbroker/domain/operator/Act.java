package io.taskbroker.domain.operator;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Transition;

/** What an operator does to one task. */
public enum Act {
  /** It is not wanted any more: it ends, wherever it stands. */
  CANCEL,
  /** Its work was done in another way: it ends, wherever it stands. */
  COMPLETE,
  /** Its delay is over now. */
  RUN_NOW,
  /** Its worker is gone: it is pending again, at its old place. */
  GIVE_BACK,
  /** It has failed and its dead letter has not left: it is pending again, with no attempt used. */
  REQUEUE;

  /**
   * What it does to a task in this state.
   *
   * @param delivery at least once also for a push that never began
   */
  public Transition on(ActivationState from, Delivery delivery) {
    return switch (this) {
      case CANCEL, COMPLETE -> Lifecycle.end(from, delivery);
      case RUN_NOW -> Lifecycle.runNow(from);
      case GIVE_BACK -> Lifecycle.giveBack(from, delivery);
      case REQUEUE -> Lifecycle.requeue(from, delivery);
    };
  }
}
