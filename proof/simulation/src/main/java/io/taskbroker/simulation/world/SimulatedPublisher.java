package io.taskbroker.simulation.world;

import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.Delivery;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.SimulatedKafka.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Publishes to the simulated Kafka, for one process. */
final class SimulatedPublisher implements Publisher {
  private static final Duration TIME_OUT = Duration.ofSeconds(2);

  private final World world;
  private final Life life;
  private final String broker;

  /** By topic, when the last records for it were answered. */
  private final Map<String, Answered> answered = new HashMap<>();

  /**
   * @param known how many crashes of the server the process knew of when it took these rows
   */
  private record Answered(long nanos, int known) {}

  SimulatedPublisher(World world, Life life, String broker) {
    this.world = world;
    this.life = life;
    this.broker = broker;
  }

  /** What arrives does so whether this process lives on or not. */
  @Override
  public List<Fate> publish(String topic, List<OutgoingRecord> records) {
    int known = knownCrashes(topic);
    Duration way = world.latency();
    List<Fate> fates = new ArrayList<>();
    for (OutgoingRecord record : records) {
      fates.add(send(topic, record, way));
    }
    boolean waits = fates.stream().anyMatch(fate -> !(fate instanceof Fate.Acknowledged));
    life.sleep(waits ? TIME_OUT : way.multipliedBy(2));
    if (fates.stream().anyMatch(Fate.Acknowledged.class::isInstance)) {
      world.beforeAcknowledgement(world.machineOf(broker));
    }
    for (int i = 0; i < fates.size(); i++) {
      world.ledger().topics().published(life, broker, topic, records.get(i), fates.get(i), known);
    }
    answered.put(topic, new Answered(world.scheduler().nanos(), known));
    return fates;
  }

  /**
   * What follows the answer to the records before at once is of the same turn: its rows were taken
   * before those records were sent.
   */
  private int knownCrashes(String topic) {
    Answered before = answered.get(topic);
    return before != null && before.nanos() == world.scheduler().nanos()
        ? before.known()
        : world.machineOf(broker).knownCrashes();
  }

  private Fate send(String topic, OutgoingRecord record, Duration way) {
    SimulatedKafka kafka = world.kafka();
    boolean mayComeLate = record.delivery() == Delivery.AT_LEAST_ONCE;
    if (kafka.is(Trouble.DOWN)) {
      return new Fate.NotNow("Kafka is not reached");
    }
    if (kafka.is(Trouble.REFUSES)) {
      return new Fate.Refused("the topic does not take it now");
    }
    if (kafka.is(Trouble.RECORDS_LOST)) {
      return new Fate.Unknown("no answer came", "See what Kafka does");
    }
    if (kafka.is(Trouble.RECORDS_LATE)) {
      if (mayComeLate) {
        arrives(topic, record, TIME_OUT.plusSeconds(1));
      }
      return new Fate.NotNow("the time is over");
    }
    arrives(topic, record, way);
    return kafka.is(Trouble.ANSWERS_LOST)
        ? new Fate.Unknown("the answer was lost", "See what Kafka does")
        : new Fate.Acknowledged();
  }

  private void arrives(String topic, OutgoingRecord record, Duration after) {
    world.scheduler().after(after, () -> world.kafka().append(topic, record));
  }
}
