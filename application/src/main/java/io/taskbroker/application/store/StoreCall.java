package io.taskbroker.application.store;

/** What somebody wants of the store, as far as it is counted apart. */
public enum StoreCall {
  ADD,
  CLAIM,
  CLAIM_FOR_PUSH,
  MARK_ACCEPTED,
  CONCLUDE,
  CONCLUDE_ALL,
  SWEEP_LEASES,
  SWEEP_ATTEMPTS,
  SWEEP_EXPIRY,
  SWEEP_DELAYS,
  SWEEP_COMMITTED,
  CONFIRM_PUBLISHED,
  DROP,
  RECLAIM,
  REWRITE,
  OTHER
}
