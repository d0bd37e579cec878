package io.taskbroker.domain.operator;

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
  REQUEUE
}
