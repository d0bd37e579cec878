package io.taskbroker.testkit.store;

import io.taskbroker.application.rules.RulesStore.Payloads;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.rules.Found;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Looks for stored activations by their names, as operators' rules do. */
final class ModelSearch {
  private final ModelRows rows;

  ModelSearch(ModelRows rows) {
    this.rows = rows;
  }

  Found find(Set<String> tasknames, long after) {
    Map<Long, String> found =
        rows.where(row -> !(row.state instanceof Completed) && !row.activation.isBadRecord())
            .filter(row -> row.key > after && tasknames.contains(row.activation.taskname()))
            .collect(Collectors.toMap(row -> row.key, row -> row.activation.taskname()));
    return new Found(new TreeMap<>(found), Long.MAX_VALUE, true);
  }

  Payloads payloadsOf(List<Long> keys) {
    Map<Long, byte[]> payloads =
        rows.where(row -> keys.contains(row.key) && !(row.state instanceof Completed))
            .collect(Collectors.toMap(row -> row.key, row -> row.payload));
    Map<Long, byte[]> first = new HashMap<>();
    long bytes = 0;
    int count = 0;
    for (long key : keys) {
      byte[] payload = payloads.get(key);
      bytes += payload == null ? 0 : payload.length;
      if (count == Payloads.MOST_ROWS || (bytes > Payloads.MOST_BYTES && count > 0)) {
        break;
      }
      if (payload != null) {
        first.put(key, payload);
      }
      count++;
    }
    return new Payloads(count, first);
  }

  int drop(Collection<Long> keys) {
    return (int)
        rows.where(row -> keys.contains(row.key))
            .filter(row -> rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED))
            .count();
  }
}
