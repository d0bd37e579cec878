package io.taskbroker.application.operations;

import java.util.List;

/** What operators see of the topics that the broker reads and writes. */
@FunctionalInterface
public interface TopicsInSight {
  /**
   * Describes all topics of the configuration. Asks their clusters, and waits for some seconds at
   * most; what they do not say by then is not known, and each topic says why. Never fails. Safe for
   * any number of threads, which take turns.
   *
   * @return in the order of their names
   */
  List<TopicSight> look();
}
