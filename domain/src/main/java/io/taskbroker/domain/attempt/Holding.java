package io.taskbroker.domain.attempt;

/** How an attempt stands that a worker believes to have. */
public enum Holding {
  /** It goes on. */
  YOURS,
  /** Its activation is over, or not stored any more. */
  OVER,
  /** Its activation is somebody else's, or nobody's. */
  SUPERSEDED
}
