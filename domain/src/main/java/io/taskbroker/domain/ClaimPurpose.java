package io.taskbroker.domain;

/** Why an activation is {@link ActivationState.Claimed}. */
public enum ClaimPurpose {
  /** To be pushed to a worker. */
  PUSH,
  /** To leave for the topic of demoted namespaces; no worker ever sees it, so it always returns. */
  DEMOTION
}
