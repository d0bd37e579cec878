package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What can be asked of a store, by the name of the question. */
final class StoreMeasures {
  private StoreMeasures() {}

  /** All that can be asked without changing anything, memory apart: that is each store's own. */
  static Map<String, Object> of(StorePlayer.Ports ports) {
    Depths depths = ports.sweeps().depths();
    return Map.ofEntries(
        Map.entry(
            "by state",
            List.of(
                depths.pending(),
                depths.delayed() + depths.delayedFar(),
                depths.claimed(),
                depths.demoted(),
                depths.processing(),
                depths.awaitingRetry(),
                depths.failed(),
                depths.finished())),
        Map.entry("unasked", depths.unaskedPending()),
        Map.entry("outbox", List.of(depths.outbox(), depths.parked())),
        Map.entry("uncommitted", depths.uncommitted()),
        Map.entry("payloads", depths.payloadBytes()),
        Map.entry("lag", ports.sweeps().lag()),
        Map.entry("totals", ports.sweeps().totals()),
        Map.entry("awaited", Set.copyOf(ports.intake().awaitedPartitions())),
        Map.entry("oldest", oldest(ports)),
        Map.entry("kinds", ports.tasks().counts(null, 1_000)),
        Map.entry("workers", workers(ports)),
        Map.entry("upcoming", upcoming(ports)),
        Map.entry("ended", ended(ports)),
        Map.entry("silent", silent(ports)),
        Map.entry("repeated", repeated(ports)),
        Map.entry("paused", ports.steering().pauses()),
        Map.entry("draining", ports.steering().draining()),
        Map.entry("rule orders", ports.ruleOrders().kept()),
        Map.entry("parked", parked(ports)),
        Map.entry("ready", new TreeMap<>(ports.pushes().pendingByApplication())));
  }

  /** By application, of those of which something waits. */
  private static Map<String, Duration> oldest(StorePlayer.Ports ports) {
    Map<String, Duration> oldest = new TreeMap<>();
    ports
        .intake()
        .applications()
        .forEach(one -> one.oldest().ifPresent(age -> oldest.put(one.application(), age)));
    return oldest;
  }

  private static List<String> parked(StorePlayer.Ports ports) {
    return ports.tasks().parked(0, 1_000).tasks().stream()
        .map(row -> row.activation().id() + ": " + row.parked())
        .toList();
  }

  /** In no order, and without the last task: one sweep may find many that are due at once. */
  private static Set<List<Object>> silent(StorePlayer.Ports ports) {
    return ports.sweeps().outliers().silent().stream()
        .map(one -> List.<Object>of(one.application(), one.missed(), one.ofSeveral()))
        .collect(Collectors.toSet());
  }

  /** When they are due: which come first of one millisecond is each store's own. */
  private static List<ActivationState> upcoming(StorePlayer.Ports ports) {
    return ports.tasks().upcoming(20).stream().map(StoredTask::state).toList();
  }

  /** What each has. Whoever called is known even if nothing of that could be written. */
  private static List<List<Object>> workers(StorePlayer.Ports ports) {
    return ports.tasks().workers(null, 1_000).stream()
        .filter(one -> one.holds() > 0)
        .map(one -> List.<Object>of(one.worker(), one.holds(), one.holdsSinceMs()))
        .toList();
  }

  private static List<List<Object>> repeated(StorePlayer.Ports ports) {
    return ports.sweeps().outliers().repeated().stream()
        .map(one -> List.<Object>of(one.activation().id(), one.attempts()))
        .toList();
  }

  /** In no order: time ends many tasks at once, in whichever order each store comes upon them. */
  private static Set<List<Object>> ended(StorePlayer.Ports ports) {
    return ports.tasks().ended(TaskFilter.ANY, null, 0, 1_000).tasks().stream()
        .map(StoreMeasures::facts)
        .collect(Collectors.toSet());
  }

  /** Without its key and when it ended, which each store gives and rounds for itself. */
  private static List<Object> facts(EndedTask task) {
    return List.of(
        task.activation().id(),
        task.ending(),
        task.attempts(),
        task.handedOutMs(),
        Optional.ofNullable(task.worker()),
        Optional.ofNullable(task.failure()));
  }
}
