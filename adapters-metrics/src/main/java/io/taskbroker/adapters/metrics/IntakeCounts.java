package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.KillSwitch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What the intake of one topic counts. */
final class IntakeCounts implements EventSink<IntakeEvent> {
  private final Gauge partitions;
  private final Counter assigned;
  private final Counter revoked;
  private final Gauge paused;
  private final Counter bad;
  private final Counter deleted;
  private final Counter expired;
  private final Histogram judged;
  private final Map<KillSwitch.Match, ByTag<Counter>> killed =
      new EnumMap<>(KillSwitch.Match.class);
  private final ByTag<ByTag<Counter>> demoted;
  private final ByTag<ByTag<Counter>> demotionSkipped;
  private final Histogram batchRows;
  private final Histogram batchBytes;
  private final Map<Backpressure.Reason, Counter> held = new EnumMap<>(Backpressure.Reason.class);
  private final Histogram write;
  private final Histogram lag;
  private final Counter stored;
  private final Counter failed;

  IntakeCounts(Meters meters, String topic) {
    partitions = meters.gauge("arroyo.consumer.current_partitions", "topic", topic);
    assigned = meters.counter("arroyo.consumer.partitions_assigned.count", "topic", topic);
    revoked = meters.counter("arroyo.consumer.partitions_revoked.count", "topic", topic);
    paused = meters.gauge("consumer.paused_partitions", "topic", topic);
    bad = meters.counter("consumer.bad_records", "topic", topic);
    deleted = meters.counter("consumer.deleted_before_read", "topic", topic);
    expired = meters.counter("filter.expired_at_consumer", "topic", topic);
    judged = meters.histogram("filter.drop_task_killswitch.duration", Unit.SECONDS, "topic", topic);
    for (KillSwitch.Match match : KillSwitch.Match.values()) {
      killed.put(match, killed(meters, topic, match));
    }
    demoted = demoted(meters, "filter.forward_task_demoted_namespace", topic);
    demotionSkipped = demoted(meters, "filter.forward_task_demoted_namespace.skipped", topic);
    batchRows = meters.histogram("consumer.batch_rows", Unit.COUNT, "topic", topic);
    batchBytes = meters.histogram("consumer.batch_bytes", Unit.BYTES, "topic", topic);
    for (Backpressure.Reason reason : Backpressure.Reason.values()) {
      held.put(
          reason,
          meters.counter(
              "consumer.inflight_activation_writer.backpressure",
              "topic",
              topic,
              "reason",
              reason.tag()));
    }
    write =
        meters.histogram(
            "consumer.inflight_activation_writer.write_to_store", Unit.SECONDS, "topic", topic);
    lag =
        meters.histogram(
            "consumer.inflight_activation_writer.insert_lag", Unit.WHOLE_SECONDS, "topic", topic);
    stored = meters.counter("consumer.inflight_activation_writer.stored", "topic", topic);
    failed = meters.counter("consumer.inflight_activation_writer.write_failed", "topic", topic);
  }

  private static ByTag<Counter> killed(Meters meters, String topic, KillSwitch.Match match) {
    String matched =
        switch (match) {
          case WHOLE_TASK -> "whole_task";
          case SELECTOR -> "selector";
          case NONE -> "none";
        };
    return meters.by(
        task ->
            meters.counter(
                "filter.drop_task_killswitch", "topic", topic, "taskname", task, "match", matched));
  }

  private static ByTag<ByTag<Counter>> demoted(Meters meters, String name, String topic) {
    return meters.byTwo(
        namespace ->
            task -> meters.counter(name, "topic", topic, "namespace", namespace, "taskname", task));
  }

  @Override
  public void count(IntakeEvent event) {
    switch (event) {
      case IntakeEvent.Assigned(int some) -> {
        partitions.set(some);
        assigned.add(some);
      }
      case IntakeEvent.Revoked(int some) -> {
        partitions.set(0);
        revoked.add(some);
      }
      case IntakeEvent.Paused(int some) -> paused.set(some);
      case IntakeEvent.Bad() -> bad.one();
      case IntakeEvent.Deleted(long offsets) -> deleted.add(offsets);
      case IntakeEvent.Expired() -> expired.one();
      case IntakeEvent.Judged(Activation activation, KillSwitch.Match match, Duration took) ->
          judged(activation, match, took);
      case IntakeEvent.Demoted(Activation activation) -> of(demoted, activation).one();
      case IntakeEvent.DemotionSkipped(Activation activation) ->
          of(demotionSkipped, activation).one();
      case IntakeEvent.Batched(int rows, long bytes) -> {
        batchRows.record(rows);
        batchBytes.record(bytes);
      }
      case IntakeEvent.Held(Backpressure.Reason reason) -> held(reason);
      case IntakeEvent.Stored(int rows, Duration took, Duration oldest) -> {
        stored.add(rows);
        write.recordNanos(took.toNanos());
        lag.record(oldest.toSeconds());
      }
      case IntakeEvent.StoreFailed() -> failed.one();
    }
  }

  private void judged(Activation activation, KillSwitch.Match match, Duration took) {
    judged.recordNanos(took.toNanos());
    ByTag<Counter> tasks = killed.get(match);
    if (match != KillSwitch.Match.NONE && tasks != null) {
      tasks.of(activation.taskname()).one();
    }
  }

  private void held(Backpressure.Reason reason) {
    Counter counter = held.get(reason);
    if (counter != null) {
      counter.one();
    }
  }

  private static Counter of(ByTag<ByTag<Counter>> tasks, Activation activation) {
    return tasks.of(activation.namespace()).of(activation.taskname());
  }
}
