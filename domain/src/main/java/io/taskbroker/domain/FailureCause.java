package io.taskbroker.domain;

/** How an activation came to be {@link ActivationState.Failed}. */
public enum FailureCause {
  /** A worker reported that it failed. */
  REPORTED,
  /** Workers had it as often as is allowed, and none of them reported. */
  ATTEMPTS_USED_UP,
  /** At most once: its worker did not report within the deadline. */
  DEADLINE_MISSED,
  /** At most once: its push was not answered, so a worker may have it. */
  PUSH_UNANSWERED,
  /** At most once: another broker may have run it, since that one has its partition. */
  OVERTAKEN,
  /** At most once: Kafka may have its retry. */
  RETRY_UNCERTAIN,
  /** At most once: Kafka may have its copy in the topic of demoted namespaces. */
  DEMOTION_UNCERTAIN,
  /** No worker can take it; what remains of it leaves as a bad record. */
  UNDELIVERABLE
}
