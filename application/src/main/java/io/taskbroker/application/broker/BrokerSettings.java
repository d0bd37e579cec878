package io.taskbroker.application.broker;

import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Ordered;
import java.time.Duration;
import java.util.Set;

/**
 * How the broker works, whatever it is attached to.
 *
 * @param storePatience how long a loop may wait for an answer of the store before health calls it
 *     overdue
 * @param consumedTopics topics that are read here
 * @param retryTopic where retries go
 * @param deadLetterTopic where dead letters and bad records go
 */
public record BrokerSettings(
    Duration storePatience,
    IntakeSettings intake,
    UpkeepSettings upkeep,
    HealthSettings health,
    Set<String> consumedTopics,
    String retryTopic,
    String deadLetterTopic) {
  public BrokerSettings {
    consumedTopics = Ordered.sorted(consumedTopics);
  }
}
