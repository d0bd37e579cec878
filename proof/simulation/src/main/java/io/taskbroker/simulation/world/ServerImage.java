package io.taskbroker.simulation.world;

import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.Elsewhere.Left;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the server that brokers share holds at one moment.
 *
 * @param rows by their keys
 * @param reported ids of tasks whose owner has not taken in a worker's report yet
 * @param groups the last group of each process
 */
record ServerImage(
    Map<Long, StoredActivation> rows, Set<String> reported, Map<String, Long> groups) {
  static ServerImage of(InMemorySpace space) {
    Map<Long, StoredActivation> rows = new LinkedHashMap<>();
    space.rows().forEach(row -> rows.put(row.key(), row));
    return new ServerImage(rows, reported(space), space.lastGroups());
  }

  static Set<String> reported(InMemorySpace space) {
    return space.reports().stream()
        .map(Left::report)
        .filter(report -> report.word() instanceof Elsewhere.Word.Concluded)
        .map(report -> report.id())
        .collect(Collectors.toSet());
  }

  List<StoredActivation> list() {
    return List.copyOf(rows.values());
  }
}
