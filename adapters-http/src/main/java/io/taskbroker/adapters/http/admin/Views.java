package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Flow;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.operations.AbsentWorkers;
import io.taskbroker.application.operations.ApplicationFlow;
import io.taskbroker.application.operations.AuditEntry;
import io.taskbroker.application.operations.BulkRuling;
import io.taskbroker.application.operations.DrainSight;
import io.taskbroker.application.operations.Explanation;
import io.taskbroker.application.operations.Pace;
import io.taskbroker.application.operations.Ruling;
import io.taskbroker.application.operations.Spread;
import io.taskbroker.application.push.CalledWorker;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.domain.operator.WorkerSight;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What callers see of the broker's values; openapi.json says what each member means. */
final class Views {
  private Views() {}

  static Map<String, Object> of(Actor actor) {
    return Json.object("name", actor.name(), "role", actor.role().text());
  }

  // ---------------------------------------------------------------- tasks

  static Map<String, Object> of(StoredTask task) {
    Map<String, Object> view =
        facts(task.key(), task.activation(), task.state().status(), task.attempts());
    view.putAll(
        Json.object(
            "worker", task.worker(),
            "handed_out_at", timeUnlessNever(task.handedOutMs()),
            "with_worker_until", withWorkerUntil(task.state()),
            "parked", task.parked(),
            "failure", of(task.failure())));
    return view;
  }

  static Map<String, Object> of(EndedTask task) {
    Map<String, Object> view =
        facts(task.key(), task.activation(), Status.COMPLETE, task.attempts());
    view.putAll(
        Json.object(
            "outcome", task.ending().text(),
            "worker", task.worker(),
            "handed_out_at", timeUnlessNever(task.handedOutMs()),
            "ended_at", time(task.endedMs()),
            "failure", of(task.failure())));
    return view;
  }

  private static Map<String, Object> facts(
      long key, Activation facts, Status status, int attempts) {
    return Json.object(
        "id", facts.id(),
        "key", key,
        "application", facts.application(),
        "namespace", facts.namespace(),
        "task", facts.taskname(),
        "state", nameOf(status),
        "topic", facts.partition().topic(),
        "partition", facts.partition().number(),
        "offset", facts.offset(),
        "received_at", time(facts.receivedAtMs()),
        "added_at", time(facts.addedAtMs()),
        "expires_at", time(facts.expiresAtMs()),
        "delayed_until", time(facts.delayUntilMs()),
        "deadline_seconds", facts.processingDeadlineSec(),
        "at_most_once", facts.isAtMostOnce(),
        "after_last_attempt", facts.onAttemptsExceeded().name().toLowerCase(Locale.ROOT),
        "attempts", attempts,
        "payload_bytes", facts.payloadBytes());
  }

  private static @Nullable String withWorkerUntil(ActivationState state) {
    return switch (state) {
      case ActivationState.Claimed(var leaseEnd, _) -> time(leaseEnd.wallMs());
      case ActivationState.Processing(var deadline) -> time(deadline.wallMs());
      case ActivationState.Delayed _,
          ActivationState.Pending _,
          ActivationState.AwaitingRetry _,
          ActivationState.Failed _,
          ActivationState.Completed _ ->
          null;
    };
  }

  private static @Nullable Map<String, Object> of(@Nullable Failure failure) {
    return failure == null
        ? null
        : Json.object(
            "cause", failure.cause().name().toLowerCase(Locale.ROOT),
            "at", time(failure.atMs()),
            "last_error", failure.lastError());
  }

  /** The spelling of a state in queries and answers. */
  static String nameOf(Status status) {
    return switch (status) {
      case DELAY -> "delayed";
      case PENDING -> "pending";
      case CLAIMED -> "claimed";
      case PROCESSING -> "processing";
      case RETRY -> "retry";
      case FAILURE -> "failed";
      case COMPLETE -> "complete";
    };
  }

  static Map<String, Object> of(TaskCount count) {
    Map<String, Object> states = new LinkedHashMap<>();
    count.byStatus().forEach((status, number) -> states.put(nameOf(status), number));
    return Json.object(
        "application", count.names().application(),
        "namespace", count.names().namespace(),
        "task", count.names().taskname(),
        "states", states,
        "oldest_pending_seconds", seconds(count.oldest()));
  }

  /**
   * @param lacksWorkers as {@link AbsentWorkers#isAbsent} says
   */
  static Map<String, Object> of(ApplicationDepth depth, boolean lacksWorkers) {
    return Json.object(
        "application",
        depth.application(),
        "pending",
        depth.pending(),
        "oldest_pending_seconds",
        seconds(depth.oldest()),
        "last_asked_seconds_ago",
        seconds(depth.sinceAsked()),
        "lacks_workers",
        lacksWorkers);
  }

  /**
   * @param program as the worker says
   * @param goneMs when its connection has ended; empty if it has not
   */
  static Map<String, Object> of(
      WorkerSight worker, Optional<String> program, Optional<Long> goneMs) {
    return Json.object(
        "worker", worker.worker(),
        "program", program.orElse(null),
        "asks_for",
            worker.asksFor().stream()
                .map(
                    filter ->
                        Json.object(
                            "application", filter.application(), "namespace", filter.namespace()))
                .toList(),
        "called_at", time(worker.calledMs()),
        "asked_at", timeUnlessNever(worker.askedMs()),
        "reported_at", timeUnlessNever(worker.reportedMs()),
        "gone_at", time(goneMs.orElse(null)),
        "holds", worker.holds(),
        "holds_since", timeUnlessNever(worker.holdsSinceMs()));
  }

  static Map<String, Object> of(CalledWorker worker) {
    return Json.object(
        "application", worker.application(),
        "address", worker.address().isEmpty() ? null : worker.address(),
        "connections", worker.connections(),
        "resting", worker.resting(),
        "under_way", worker.underWay(),
        "trouble", worker.trouble().isEmpty() ? null : worker.trouble());
  }

  static Map<String, Object> of(Pace pace) {
    return Json.object(
        "application", pace.names().application(),
        "namespace", pace.names().namespace(),
        "task", pace.names().taskname(),
        "ended", pace.ended(),
        "failed", pace.failed(),
        "wait", of(pace.waits()),
        "run", of(pace.runs()));
  }

  private static @Nullable Map<String, Object> of(Spread spread) {
    return spread.times() == 0
        ? null
        : Json.object("times", spread.times(), "p50_ms", spread.p50Ms(), "p99_ms", spread.p99Ms());
  }

  static Map<String, Object> of(ApplicationFlow flow) {
    return Json.object(
        "application", flow.application(),
        "waiting", flow.waiting(),
        "in_per_second", rounded(flow.inPerSecond()),
        "out_per_second", rounded(flow.outPerSecond()),
        "drain_seconds", seconds(flow.drain()));
  }

  private static @Nullable Long seconds(Optional<Duration> duration) {
    return duration.map(Duration::toSeconds).orElse(null);
  }

  private static double rounded(double perSecond) {
    return Math.round(perSecond * 1_000) / 1e3;
  }

  // ---------------------------------------------------------------- orders

  static Map<String, Object> of(Ruling ruling) {
    return Json.object("verdict", nameOf(ruling.verdict()), "words", ruling.words());
  }

  static Map<String, Object> of(BulkRuling ruling, boolean dryRun) {
    Map<String, Object> verdicts = new LinkedHashMap<>();
    ruling.verdicts().forEach((verdict, tasks) -> verdicts.put(nameOf(verdict), tasks));
    return Json.object(
        "dry_run", dryRun, "verdicts", verdicts, "last", ruling.last(), "is_last", ruling.isLast());
  }

  static String nameOf(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> of(Pause pause) {
    PauseTarget target = pause.target();
    return Json.object(
        "application", target.application(),
        "namespace", target.namespace(),
        "task", target.taskname(),
        "topic", target.topic(),
        "by", pause.by(),
        "reason", pause.reason(),
        "since", time(pause.sinceMs()),
        "until", time(pause.untilMs()));
  }

  static Map<String, Object> of(DrainSight sight) {
    Drain order = sight.order();
    return Json.object(
        "by", order.by(),
        "reason", order.reason(),
        "since", time(order.sinceMs()),
        "exit_when_empty", order.onEmpty() == OnEmpty.EXIT,
        "is_empty", sight.isEmpty(),
        "left", sight.left());
  }

  static Map<String, Object> of(AuditEntry entry) {
    return Json.object(
        "at", time(entry.atMs()),
        "actor", entry.actor(),
        "order", entry.order(),
        "reason", entry.reason(),
        "result", entry.result());
  }

  static Map<String, Object> of(Explanation explanation) {
    return Json.object(
        "what", explanation.what(),
        "why", explanation.why(),
        "remedy", explanation.remedy(),
        "since", time(explanation.sinceMs()),
        "kind", explanation.kind().name().toLowerCase(Locale.ROOT));
  }

  // ---------------------------------------------------------------- the whole

  static Map<String, Object> of(Vitals vitals) {
    Depths depths = vitals.depths();
    return Json.object(
        "pending", depths.pending(),
        "delayed", depths.delayed() + depths.delayedFar(),
        "claimed", depths.claimed() + depths.demoted(),
        "processing", depths.processing(),
        "retry", depths.awaitingRetry(),
        "failed", depths.failed() + depths.kept(),
        "to_publish", depths.outbox(),
        "parked", depths.parked(),
        "uncommitted", depths.uncommitted(),
        "payload_bytes", depths.payloadBytes(),
        "memory_bytes", depths.memoryBytes(),
        "store_bytes", vitals.size().live(),
        "log_bytes", vitals.size().log(),
        "waiting_commands", vitals.waiting(),
        "oldest_pending_ms", vitals.lag().toMillis());
  }

  static Map<String, Object> of(Flow flow) {
    return Json.object(
        "received", flow.received(),
        "ended", flow.ended(),
        "retried", flow.retried(),
        "dead_lettered", flow.deadLettered(),
        "discarded", flow.discarded(),
        "expired", flow.expired(),
        "deadlines_missed", flow.deadlinesMissed());
  }

  static Map<String, Object> sample(long atMs, Vitals vitals) {
    return Json.object("at", time(atMs), "tasks", of(vitals), "flow", of(vitals.flow()));
  }

  static @Nullable String time(@Nullable Long unixMs) {
    return unixMs == null ? null : Instant.ofEpochMilli(unixMs).toString();
  }

  private static @Nullable String timeUnlessNever(long unixMs) {
    return unixMs == 0 ? null : time(unixMs);
  }

  static List<Map<String, Object>> explanations(List<Explanation> explanations) {
    return explanations.stream().map(Views::of).toList();
  }
}
