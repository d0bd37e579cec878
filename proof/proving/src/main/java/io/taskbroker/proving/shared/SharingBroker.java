package io.taskbroker.proving.shared;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the brokers that share a database, and its many lives. */
final class SharingBroker implements AutoCloseable {
  /** Eight of them start at once on two cores. */
  private static final Duration START = Duration.ofMinutes(3);

  private static final Duration END = Duration.ofMinutes(1);

  private final String name;
  private final BrokerSetup settings;
  private @Nullable BrokerProcess process;

  /**
   * @param name by which it is known in the database
   */
  private SharingBroker(String name, BrokerSetup settings) {
    this.name = name;
    this.settings = settings;
  }

  /** In a folder and at a port of its own, with the settings of the rig's. */
  static SharingBroker of(Rig rig, String name) {
    BrokerSetup common = rig.settings();
    return new SharingBroker(
        name,
        new BrokerSetup(
            common.folder().resolve(name),
            common.kafka(),
            common.topic(),
            FreePorts.any(),
            common.further()));
  }

  /** The same with another setting. */
  SharingBroker with(String key, Object value) {
    return new SharingBroker(name, settings.with(key, value));
  }

  String name() {
    return name;
  }

  BrokerSetup settings() {
    return settings;
  }

  /** Where workers find it. */
  String address() {
    return settings.grpcAddress();
  }

  /** Returns at once. */
  SharingBroker launch() {
    process = BrokerProcess.launchSmall(List.of("env", "HOSTNAME=" + name), settings);
    return this;
  }

  SharingBroker awaitServing() {
    running().awaitServing(START);
    return this;
  }

  BrokerProcess running() {
    BrokerProcess now = process;
    if (now == null) {
      throw new IllegalStateException(name + " was never launched");
    }
    return now;
  }

  boolean isAlive() {
    return running().process().isAlive();
  }

  void kill() {
    running().kill();
  }

  void signal(ProcessSignal signal) {
    running().process().signal(signal);
  }

  /** Asks it to stop, as Ctrl-C does, and returns its exit code. */
  int stop() {
    return running().stop(ProcessSignal.INT).code();
  }

  /** Waits until it has ended by itself, and returns its exit code. */
  int awaitEnd() {
    return running().process().awaitExit(END);
  }

  /** Lines of all its lives that say all of these. */
  long lines(String... words) {
    return running().lines(words);
  }

  @Override
  public void close() {
    BrokerProcess now = process;
    if (now != null) {
      now.close();
    }
  }
}
