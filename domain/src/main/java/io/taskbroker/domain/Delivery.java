package io.taskbroker.domain;

/** What the producer asked for, should a worker fall silent. */
public enum Delivery {
  /** Hand it out again: it may run twice, it is not lost. */
  AT_LEAST_ONCE,
  /** Fail it: it may be lost, it never runs twice. */
  AT_MOST_ONCE
}
