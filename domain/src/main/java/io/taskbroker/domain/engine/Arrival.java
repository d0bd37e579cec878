package io.taskbroker.domain.engine;

import io.taskbroker.domain.Activation;

/** An activation on its way in, and where it goes. */
public record Arrival(Activation activation, Route route) {
  /** Where an arriving activation goes. */
  public enum Route {
    /** To the workers, when it is due. */
    WORKERS,
    /** Out again, to the topic of demoted namespaces. */
    DEMOTION
  }
}
