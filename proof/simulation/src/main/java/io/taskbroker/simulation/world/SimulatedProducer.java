package io.taskbroker.simulation.world;

import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes tasks into topics, and records that are none. */
final class SimulatedProducer {
  private final World world;

  SimulatedProducer(World world) {
    this.world = world;
  }

  /** A task, as it is specified. */
  void produce(TaskSpec spec) {
    world.ledger().produced(spec);
    long nowMs = world.time().now().wallMs();
    String body = spec.root() + " ";
    byte[] bytes = new byte[body.length() + spec.bytes()];
    System.arraycopy(body.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, body.length());
    PlainTask task =
        new PlainTask(
            spec.root(),
            spec.application(),
            spec.namespace(),
            spec.taskname(),
            nowMs,
            spec.expiresSec() == 0 ? null : Long.valueOf(nowMs + spec.expiresSec() * 1_000L),
            spec.delaySec() == 0 ? null : Long.valueOf(nowMs + spec.delaySec() * 1_000L),
            spec.deadlineSec(),
            spec.atMostOnce() ? Delivery.AT_MOST_ONCE : Delivery.AT_LEAST_ONCE,
            spec.discards() ? OnAttemptsExceeded.DISCARD : OnAttemptsExceeded.DEAD_LETTER,
            0,
            null,
            null,
            bytes);
    world.kafka().append(topicOf(spec.root()), null, task.encode(), List.of());
  }

  /** A record that is no task. */
  void produceBad(String name) {
    world.ledger().producedBad(name);
    world
        .kafka()
        .append(
            topicOf(name), null, ("bad:" + name).getBytes(StandardCharsets.US_ASCII), List.of());
  }

  private String topicOf(String name) {
    List<String> topics = world.kafka().consumed();
    return topics.get(world.dice().roll(topics.size(), "topic of " + name, 0));
  }
}
