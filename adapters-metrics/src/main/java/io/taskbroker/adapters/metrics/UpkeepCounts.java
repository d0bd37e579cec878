package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What upkeep counts, pass by pass. */
final class UpkeepCounts implements EventSink<UpkeepEvent> {
  /** The one entry under which a store that is not shared reports what it holds. */
  private static final String[] WHOLE_STORE = {"topic", "taskworker", "partition", "-1"};

  /** The steps that judge silent workers, and are left out right after a start. */
  private static final Set<Sweep> OF_SILENCE = Set.of(Sweep.DEADLINES, Sweep.LEASES);

  private static final int MOST_NAMED = 20;

  private final Histogram passes;
  private final Map<Sweep, Histogram> steps = new EnumMap<>(Sweep.class);
  private final Map<Sweep, Counter> skipped = new EnumMap<>(Sweep.class);
  private final Histogram rewrites;
  private final ByTag<Counter> failedRewrites;
  private final Counter completed;
  private final Counter failed;
  private final Counter retried;
  private final Counter deadLettered;
  private final Counter expired;
  private final Counter discarded;
  private final Counter attemptsExceeded;
  private final Counter leasesEnded;
  private final Counter deadlinesMissed;
  private final Counter delaysElapsed;
  private final Counter overtaken;
  private final Counter uncertain;
  private final Gauge pending;
  private final Gauge claimed;
  private final Gauge processing;
  private final Gauge delayed;
  private final Gauge lag;
  private final ByTag<Gauge> waiting;
  private final ByTag<Gauge> oldest;
  private final Counter killed;
  private final Map<Health.Verdict, Counter> verdicts = new EnumMap<>(Health.Verdict.class);

  UpkeepCounts(Meters meters) {
    passes = meters.histogram("upkeep.duration", Unit.SECONDS);
    for (Sweep kind : Sweep.values()) {
      steps.put(kind, meters.histogram("upkeep." + nameOf(kind), Unit.SECONDS));
    }
    for (Sweep kind : OF_SILENCE) {
      skipped.put(kind, meters.counter("upkeep." + nameOf(kind) + ".skipped"));
    }
    rewrites = meters.histogram("upkeep.full_vacuum", Unit.SECONDS);
    failedRewrites =
        meters.by(reason -> meters.counter("upkeep.full_vacuum.failure", "error", reason));
    completed = transition(meters, "completed");
    failed = transition(meters, "failed");
    retried = transition(meters, "retried");
    deadLettered = cleanUp(meters, "publish_deadlettered");
    expired = cleanUp(meters, "removed_expired");
    discarded = cleanUp(meters, "delete_discarded");
    attemptsExceeded = cleanUp(meters, "mark_processing_attempts_exceeded_as_failure");
    leasesEnded = cleanUp(meters, "claim_expiration_exceeded");
    deadlinesMissed = cleanUp(meters, "processing_deadline_exceeded");
    delaysElapsed = cleanUp(meters, "mark_delay_elapsed_as_pending");
    overtaken = meters.counter("upkeep.overtaken");
    uncertain = meters.counter("upkeep.uncertain");
    pending = meters.gauge("upkeep.current_pending_tasks", WHOLE_STORE);
    claimed = meters.gauge("upkeep.current_claimed_tasks", WHOLE_STORE);
    processing = meters.gauge("upkeep.current_processing_tasks", WHOLE_STORE);
    delayed = meters.gauge("upkeep.current_delayed_tasks", WHOLE_STORE);
    lag = meters.gauge("upkeep.pending_activation.max_lag.sec");
    waiting =
        meters.by(
            application ->
                meters.gauge("store.pending_by_application", "application", application));
    oldest =
        meters.by(
            application ->
                meters.gauge(
                    "store.oldest_pending_by_application.sec", "application", application));
    killed = meters.counter("dispatch.killswitched_tasks");
    for (Health.Verdict verdict : Health.Verdict.values()) {
      verdicts.put(verdict, meters.counter("upkeep.health", "status", nameOf(verdict)));
    }
  }

  private static Counter transition(Meters meters, String state) {
    return meters.constant("upkeep.task.state_transition", "state", state);
  }

  private static Counter cleanUp(Meters meters, String kind) {
    return meters.constant("upkeep.cleanup_action", "kind", kind);
  }

  private static String nameOf(Sweep kind) {
    return switch (kind) {
      case DEADLINES -> "handle_processing_deadline";
      case LEASES -> "handle_claim_expiration";
      case ATTEMPTS -> "handle_processing_attempts_exceeded";
      case EXPIRY -> "handle_expires_at";
      case DELAYS -> "handle_delay_until";
      case DISCARDS -> "handle_failed_tasks";
      case COMMITTED -> "remove_completed";
    };
  }

  private static String nameOf(Health.Verdict verdict) {
    return switch (verdict) {
      case HEALTHY -> "healthy";
      case UNHEALTHY -> "unhealthy";
      case NOT_JUDGED -> "killswitched";
    };
  }

  @Override
  public void count(UpkeepEvent event) {
    switch (event) {
      case UpkeepEvent.Stepped(Sweep kind, Duration took) -> record(steps.get(kind), took);
      case UpkeepEvent.Skipped(Sweep kind) -> one(skipped.get(kind));
      case UpkeepEvent.Passed(UpkeepReport report, Duration took) -> passed(report, took);
      case UpkeepEvent.Killed(long rows) -> killed.add(rows);
      case UpkeepEvent.Waiting(List<ApplicationDepth> applications) -> waiting(applications);
      case UpkeepEvent.Rewritten(Duration took) -> rewrites.recordNanos(took.toNanos());
      case UpkeepEvent.NotRewritten(String reason) -> failedRewrites.of(reason).one();
      case UpkeepEvent.Judged(Health.Verdict verdict) -> one(verdicts.get(verdict));
    }
  }

  private static void record(@Nullable Histogram histogram, Duration took) {
    if (histogram != null) {
      histogram.recordNanos(took.toNanos());
    }
  }

  private static void one(@Nullable Counter counter) {
    if (counter != null) {
      counter.one();
    }
  }

  /** Producers make up the names, so only those with the most rows, or the oldest, are told. */
  private void waiting(List<ApplicationDepth> applications) {
    waiting.forEach(gauge -> gauge.set(0));
    applications.stream()
        .sorted(Comparator.comparingInt(ApplicationDepth::pending).reversed())
        .limit(MOST_NAMED)
        .filter(one -> one.pending() > 0)
        .forEach(one -> waiting.of(one.application()).set(one.pending()));
    oldest.forEach(gauge -> gauge.set(0));
    applications.stream()
        .sorted(Comparator.comparing(UpkeepCounts::age).reversed())
        .limit(MOST_NAMED)
        .filter(one -> one.oldest().isPresent())
        .forEach(one -> oldest.of(one.application()).set(age(one).toMillis() / 1e3));
  }

  private static Duration age(ApplicationDepth application) {
    return application.oldest().orElse(Duration.ZERO);
  }

  private void passed(UpkeepReport report, Duration took) {
    passes.recordNanos(took.toNanos());
    completed.add(report.completed());
    failed.add(report.discarded() + report.deadLettered());
    retried.add(report.retried());
    deadLettered.add(report.deadLettered());
    expired.add(report.expired());
    discarded.add(report.discarded());
    attemptsExceeded.add(report.processingAttemptsExceeded());
    leasesEnded.add(report.claimExpirationReset());
    deadlinesMissed.add(report.processingDeadlineReset());
    delaysElapsed.add(report.delayElapsed());
    overtaken.add(report.overtaken());
    uncertain.add(report.uncertain());
    Depths depths = report.depths();
    pending.set(depths.pending());
    claimed.set(depths.claimed() + depths.demoted());
    processing.set(depths.processing());
    delayed.set((double) depths.delayed() + depths.delayedFar());
    lag.set(report.lag().toMillis() / 1e3);
  }
}
