package io.taskbroker.domain.operator;

/** What became of an {@link Act}. */
public enum Verdict {
  DONE,
  /** No such task is stored, or it is over. */
  NOT_STORED,
  /** In the state that the task is in, the act means nothing. */
  WITHOUT_EFFECT,
  /** The task must not run twice, and a worker may have begun it. */
  MAY_HAVE_BEGUN,
  /** The task is on its way to Kafka, and may be there already. */
  LEAVING
}
