package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Tells what waits, for whom and for how long. */
final class ModelWaiting {
  private final ModelRows rows;
  private final ModelDemand demand;

  ModelWaiting(ModelRows rows, ModelDemand demand) {
    this.rows = rows;
    this.demand = demand;
  }

  List<ApplicationDepth> applications(Moment now) {
    Map<String, List<ModelRow>> pending =
        rows.where(row -> row.state instanceof Pending)
            .collect(
                Collectors.groupingBy(
                    row -> row.activation.application(), TreeMap::new, Collectors.toList()));
    return pending.entrySet().stream()
        .map(
            one ->
                demand.depth(one.getKey(), one.getValue().size(), oldest(one.getValue(), now), now))
        .toList();
  }

  /** For how long the first of these rows to be due has been due, if any of them is pending. */
  static Optional<Duration> oldest(Collection<ModelRow> rows, Moment now) {
    return rows.stream()
        .filter(row -> row.state instanceof Pending)
        .map(row -> Math.floorDiv(row.activation.dueAtMs(), 1_000L) * 1_000L)
        .min(Comparator.naturalOrder())
        .map(sinceMs -> Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), sinceMs))));
  }

  Map<String, Integer> dueByApplication(int maxAttempts) {
    return rows.where(row -> row.isDue(maxAttempts))
        .collect(
            Collectors.groupingBy(
                row -> row.activation.application(), Collectors.summingInt(_ -> 1)));
  }

  /** Of the oldest one that no worker has had. */
  Duration lag(Moment now) {
    return rows.where(ModelRow::isUnserved)
        .map(row -> Times.minus(now.wallMs(), row.activation.dueAtMs()))
        .max(Comparator.naturalOrder())
        .map(waitedMs -> Duration.ofMillis(Math.max(0, waitedMs)))
        .orElse(Duration.ZERO);
  }
}
