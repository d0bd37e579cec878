package io.taskbroker.workload.ledger;

/** What a worker makes of a task in the end, when all of its retries are used. */
public enum Ending {
  /** Reports it complete. */
  COMPLETE,
  /** Reports a failure; the broker forgets the task. */
  DISCARD,
  /** Reports a failure; the broker publishes the task to the dead-letter topic. */
  DEAD_LETTER
}
