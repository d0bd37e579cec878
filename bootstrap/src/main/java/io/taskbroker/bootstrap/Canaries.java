package io.taskbroker.bootstrap;

import io.taskbroker.adapters.protobuf.CanaryTasks;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.CanaryConfig;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks that the broker makes itself, as many as are configured. */
final class Canaries {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private final CanaryConfig wanted;
  private final int batchRows;
  private final TimeSource time;

  Canaries(BrokerConfig config, TimeSource time) {
    this.wanted = config.canaries();
    this.batchRows = config.intake().batchRows();
    this.time = time;
  }

  /**
   * Stores them, in batches of the configured length.
   *
   * @throws io.taskbroker.application.StoreException if some were not stored
   */
  void plant(Broker broker) {
    if (wanted.each() == 0) {
      return;
    }
    for (String application : wanted.applications()) {
      plant(application, broker);
    }
    LOG.atInfo()
        .addKeyValue("count", wanted.each() * wanted.applications().size())
        .log("Canary tasks are stored for {}", wanted.applications());
  }

  private void plant(String application, Broker broker) {
    List<NewActivation> batch = new ArrayList<>();
    for (long number = 0; number < wanted.each(); number++) {
      batch.add(CanaryTasks.make(application, number, time.now().wallMs()));
      if (batch.size() == batchRows) {
        broker.plant(batch);
        batch = new ArrayList<>();
      }
    }
    broker.plant(batch);
  }
}
