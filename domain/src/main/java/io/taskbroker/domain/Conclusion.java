package io.taskbroker.domain;

/** What a worker may say of an activation that it had. */
public enum Conclusion {
  COMPLETE,
  FAILURE,
  RETRY
}
