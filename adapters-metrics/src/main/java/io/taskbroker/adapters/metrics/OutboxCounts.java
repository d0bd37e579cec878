package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.upkeep.OutboxEvent;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Lane;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What leaves through Kafka. */
final class OutboxCounts implements EventSink<OutboxEvent> {
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

  @Override
  public void count(OutboxEvent event) {
    OfLane counts = lanes.get(event.lane());
    if (counts == null) {
      throw new IllegalArgumentException("no lane " + event.lane());
    }
    switch (event) {
      case OutboxEvent.Behind(Lane _, Duration sinceEmpty) ->
          counts.age().set(sinceEmpty.toMillis() / 1e3);
      case OutboxEvent.Tried tried -> tried(tried, counts);
      case OutboxEvent.Parked _ -> counts.parked().one();
      case OutboxEvent.Published published -> published(published, counts);
    }
  }

  private void tried(OutboxEvent.Tried tried, OfLane counts) {
    if (!tried.acknowledged()) {
      counts.failed().one();
    }
    switch (tried.lane()) {
      case RETRY -> {}
      case DEAD_LETTER -> deadLetterBytes.record(tried.bytes());
      case DEMOTION -> {
        Activation activation = tried.activation();
        forwarding.of(activation.namespace()).of(activation.taskname()).one();
        if (!tried.acknowledged()) {
          notForwarded.of(activation.namespace()).of(activation.taskname()).one();
        }
      }
    }
  }

  private void published(OutboxEvent.Published published, OfLane counts) {
    int acknowledged = published.acknowledged();
    counts.published().add(acknowledged);
    switch (published.lane()) {
      case RETRY -> retries.recordNanos(published.took().toNanos());
      case DEAD_LETTER -> {}
      case DEMOTION -> {
        forwarded.add(acknowledged);
        Forwards ofSource = forwards.of(published.source());
        ofSource.attempts().record(published.tried());
        ofSource.successes().record(acknowledged);
        ofSource.failures().record(published.tried() - acknowledged);
      }
    }
  }
}
