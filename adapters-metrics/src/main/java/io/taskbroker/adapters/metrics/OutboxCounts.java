package io.taskbroker.adapters.metrics;

import io.taskbroker.application.upkeep.OutboxMetrics;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Lane;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What leaves through Kafka. */
final class OutboxCounts implements OutboxMetrics {
  private final Map<Lane, OfLane> lanes = new EnumMap<>(Lane.class);
  private final Histogram retries;
  private final Histogram deadLetterBytes;
  private final Counter forwarded;
  private final ByTag<ByTag<Counter>> forwarding;
  private final ByTag<ByTag<Counter>> notForwarded;
  private final ByTag<Forwards> forwards;

  private record OfLane(Gauge age, Counter published, Counter failed, Counter parked) {}

  private record Forwards(Histogram attempts, Histogram successes, Histogram failures) {}

  OutboxCounts(Meters meters) {
    for (Lane lane : Lane.values()) {
      String name = lane.text();
      lanes.put(
          lane,
          new OfLane(
              meters.gauge("outbox.age.sec", "lane", name),
              meters.counter("outbox.published", "lane", name),
              meters.counter("outbox.not_published", "lane", name),
              meters.counter("outbox.parked", "lane", name)));
    }
    retries = meters.histogram("upkeep.handle_retries", Unit.SECONDS);
    deadLetterBytes = meters.histogram("upkeep.dlq.message_size", Unit.BYTES);
    forwarded = meters.constant("upkeep.forwarded_tasks");
    forwarding = byTask(meters, "upkeep.forward_task_demoted_namespace");
    notForwarded = byTask(meters, "upkeep.forward_task_demoted_namespace.publish_failure");
    forwards =
        meters.by(
            topic ->
                new Forwards(
                    meters.coarse("consumer.forward_attempts", Unit.COUNT, "topic", topic),
                    meters.coarse("consumer.forward_successes", Unit.COUNT, "topic", topic),
                    meters.coarse("consumer.forward_failures", Unit.COUNT, "topic", topic)));
  }

  private static ByTag<ByTag<Counter>> byTask(Meters meters, String name) {
    return meters.byTwo(
        namespace -> task -> meters.counter(name, "namespace", namespace, "taskname", task));
  }

  private Optional<OfLane> of(Lane lane) {
    return Optional.ofNullable(lanes.get(lane));
  }

  @Override
  public void behind(Lane lane, Duration sinceEmpty) {
    of(lane).ifPresent(counts -> counts.age().set(sinceEmpty.toMillis() / 1e3));
  }

  @Override
  public void publishing(Lane lane, Activation activation, int bytes) {
    switch (lane) {
      case RETRY -> {}
      case DEAD_LETTER -> deadLetterBytes.record(bytes);
      case DEMOTION -> forwarding.of(activation.namespace()).of(activation.taskname()).one();
    }
  }

  @Override
  public void notPublished(Lane lane, Activation activation) {
    of(lane).ifPresent(counts -> counts.failed().one());
    if (lane == Lane.DEMOTION) {
      notForwarded.of(activation.namespace()).of(activation.taskname()).one();
    }
  }

  @Override
  public void parked(Lane lane, Activation activation) {
    of(lane).ifPresent(counts -> counts.parked().one());
  }

  @Override
  public void published(Lane lane, String source, int tried, int acknowledged, long nanos) {
    of(lane).ifPresent(counts -> counts.published().add(acknowledged));
    switch (lane) {
      case RETRY -> retries.recordNanos(nanos);
      case DEAD_LETTER -> {}
      case DEMOTION -> {
        forwarded.add(acknowledged);
        Forwards counts = forwards.of(source);
        counts.attempts().record(tried);
        counts.successes().record(acknowledged);
        counts.failures().record(tried - acknowledged);
      }
    }
  }
}
