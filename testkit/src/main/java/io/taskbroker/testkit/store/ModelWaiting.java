package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
    return rows
        .where(row -> row.state instanceof Pending)
        .collect(
            Collectors.groupingBy(
                row -> row.activation.application(), TreeMap::new, Collectors.summingInt(_ -> 1)))
        .entrySet()
        .stream()
        .map(one -> demand.depth(one.getKey(), one.getValue(), now))
        .toList();
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
