package io.taskbroker.domain;

/** One kind of due work that upkeep has done in bounded steps. */
public enum Sweep {
  /** Workers that let their deadline pass. */
  DEADLINES,
  /** Claims that nobody confirmed. */
  LEASES,
  /** Activations handed out in vain too often. */
  ATTEMPTS,
  /** Too late to begin. */
  EXPIRY,
  /** Delays that are over. */
  DELAYS,
  /** Failed ones whose producer does not want the remains. */
  DISCARDS,
  /**
   * Rows whose offset's commit has been acknowledged: held ones are freed, finished ones deleted.
   */
  COMMITTED
}
