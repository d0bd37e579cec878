package io.taskbroker.testkit.topics;

import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.operations.TopicsInSight;
import java.util.List;

/** Topics as a test wants them to be seen, none at first. Safe for all threads. */
public final class ShownTopics implements TopicsInSight {
  private volatile List<TopicSight> topics = List.of();

  /** From here on these are seen, and no others. */
  public void show(TopicSight... seen) {
    topics = List.of(seen);
  }

  @Override
  public List<TopicSight> look() {
    return topics;
  }
}
