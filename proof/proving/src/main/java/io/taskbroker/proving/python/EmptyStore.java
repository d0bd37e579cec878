package io.taskbroker.proving.python;

import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;

/** Waits for the end of all tasks of a broker whose workers are not ours. */
final class EmptyStore {
  private EmptyStore() {}

  /** Waits until all records have come into the store, no row is in it, and no record followed. */
  static void await(BrokerSetup settings, Duration patience) {
    try (Topics topics = Topics.at(settings.kafka());
        StoreWindow view = StoreWindow.open(settings.store())) {
      Waiting.until(
          "nothing is left in the store, see " + settings.folder(),
          patience,
          () -> {
            long records = topics.size(settings.topic());
            return topics.lag(settings.group(), settings.topic()) == 0
                && view.count() == 0
                && topics.size(settings.topic()) == records;
          });
    }
  }
}
