package io.taskbroker.application.rules;

import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Demotion;

/** Where demoted activations go. Safe for all threads; asking is cheap. */
public interface DemotionRoute {
  /** The topic that the rule names, or else the configured one. */
  String topic(Demotion demotion);

  /** Publishes to the cluster that the rule names, or else to the dead-letter topic's. */
  Publisher publisher(Demotion demotion);

  /** Whether this broker consumes that topic of that cluster, so that all would come back. */
  boolean returnsHere(Demotion demotion);
}
