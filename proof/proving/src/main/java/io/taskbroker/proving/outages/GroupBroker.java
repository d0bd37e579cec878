package io.taskbroker.proving.outages;

import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of several brokers on one machine, and its many lives. */
final class GroupBroker implements AutoCloseable {
  /** Eight of them start at once on two cores. */
  private static final Duration START = Duration.ofMinutes(2);

  private final BrokerSetup settings;
  private @Nullable BrokerProcess process;
  private int restarts;
  private int failedStops;

  GroupBroker(BrokerSetup settings) {
    this.settings = settings;
  }

  BrokerSetup settings() {
    return settings;
  }

  void start() {
    process = BrokerProcess.launchSmall(List.of(), settings).awaitServing(START);
  }

  void restart() {
    stop();
    start();
    restarts++;
  }

  /** As Ctrl-C does. */
  void stop() {
    BrokerProcess running = process;
    process = null;
    if (running != null && running.stop(ProcessSignal.INT).code() != 0) {
      failedStops++;
    }
  }

  int restarts() {
    return restarts;
  }

  /** Stops that did not end with exit code 0. */
  int failedStops() {
    return failedStops;
  }

  /** Lines at the level ERROR, of all its lives. */
  long errorLines() {
    return settings.errorLines().size();
  }

  @Override
  public void close() {
    BrokerProcess running = process;
    if (running != null) {
      running.close();
    }
  }
}
