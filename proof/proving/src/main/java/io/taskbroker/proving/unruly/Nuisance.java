package io.taskbroker.proving.unruly;

/** How clients can get in the way of others. */
public enum Nuisance {
  /** Five of them ask 200 times each for large tasks, read nothing of the answers, and stay. */
  READ_NOTHING,
  /** One breaks off each kind of call, then its connection, and comes back, again and again. */
  LEAVE,
  /** A thousand connections of which each has been used, and stays. */
  BE_MANY
}
