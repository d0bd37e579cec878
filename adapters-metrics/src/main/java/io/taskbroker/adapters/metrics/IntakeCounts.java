package io.taskbroker.adapters.metrics;

import io.taskbroker.application.intake.IntakeMetrics;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.KillSwitch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What intake counts, topic by topic. */
final class IntakeCounts implements IntakeMetrics {
  private final ByTag<OfTopic> topics;

  IntakeCounts(Meters meters) {
    this.topics = meters.by(topic -> new OfTopic(meters, topic));
  }

  private static final class OfTopic {
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

    OfTopic(Meters meters, String topic) {
      partitions = meters.gauge("arroyo.consumer.current_partitions", "topic", topic);
      assigned = meters.counter("arroyo.consumer.partitions_assigned.count", "topic", topic);
      revoked = meters.counter("arroyo.consumer.partitions_revoked.count", "topic", topic);
      paused = meters.gauge("consumer.paused_partitions", "topic", topic);
      bad = meters.counter("consumer.bad_records", "topic", topic);
      deleted = meters.counter("consumer.deleted_before_read", "topic", topic);
      expired = meters.counter("filter.expired_at_consumer", "topic", topic);
      judged =
          meters.histogram("filter.drop_task_killswitch.duration", Unit.SECONDS, "topic", topic);
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
                  "filter.drop_task_killswitch",
                  "topic",
                  topic,
                  "taskname",
                  task,
                  "match",
                  matched));
    }

    private static ByTag<ByTag<Counter>> demoted(Meters meters, String name, String topic) {
      return meters.byTwo(
          namespace ->
              task ->
                  meters.counter(name, "topic", topic, "namespace", namespace, "taskname", task));
    }
  }

  @Override
  public void assigned(String topic, int partitions) {
    OfTopic counts = topics.of(topic);
    counts.partitions.set(partitions);
    counts.assigned.add(partitions);
  }

  @Override
  public void revoked(String topic, int partitions) {
    OfTopic counts = topics.of(topic);
    counts.partitions.set(0);
    counts.revoked.add(partitions);
  }

  @Override
  public void paused(String topic, int partitions) {
    topics.of(topic).paused.set(partitions);
  }

  @Override
  public void bad(String topic) {
    topics.of(topic).bad.one();
  }

  @Override
  public void deleted(String topic, long offsets) {
    topics.of(topic).deleted.add(offsets);
  }

  @Override
  public void expired(String topic) {
    topics.of(topic).expired.one();
  }

  @Override
  public void judged(String topic, Duration took) {
    topics.of(topic).judged.recordNanos(took.toNanos());
  }

  @Override
  public void killed(String topic, Activation activation, KillSwitch.Match match) {
    ByTag<Counter> tasks = topics.of(topic).killed.get(match);
    if (tasks != null) {
      tasks.of(activation.taskname()).one();
    }
  }

  @Override
  public void demoted(String topic, Activation activation) {
    topics.of(topic).demoted.of(activation.namespace()).of(activation.taskname()).one();
  }

  @Override
  public void demotionSkipped(String topic, Activation activation) {
    topics.of(topic).demotionSkipped.of(activation.namespace()).of(activation.taskname()).one();
  }

  @Override
  public void batch(String topic, int rows, long bytes) {
    topics.of(topic).batchRows.record(rows);
    topics.of(topic).batchBytes.record(bytes);
  }

  @Override
  public void held(String topic, Backpressure.Reason reason) {
    Counter counter = topics.of(topic).held.get(reason);
    if (counter != null) {
      counter.one();
    }
  }

  @Override
  public void stored(String topic, int rows, Duration write, Duration lag) {
    OfTopic counts = topics.of(topic);
    counts.stored.add(rows);
    counts.write.recordNanos(write.toNanos());
    counts.lag.record(lag.toSeconds());
  }

  @Override
  public void storeFailed(String topic) {
    topics.of(topic).failed.one();
  }
}
