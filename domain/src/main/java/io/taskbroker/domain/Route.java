package io.taskbroker.domain;

/** Where an arriving activation goes. */
public enum Route {
  /** To the workers, when it is due. */
  WORKERS,
  /** Out again, to the topic of demoted namespaces. */
  DEMOTION
}
