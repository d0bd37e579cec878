package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Offers the tasks whose ids contain what was said, where no task has just that id. */
final class NearIds {
  private static final int MOST = 3;

  private NearIds() {}

  /**
   * Asks about one task.
   *
   * @throws Refused as the broker does, with the ids that were meant perhaps
   */
  static Map<String, Object> ask(BrokerLink broker, String path, String id) {
    try {
      return broker.get(path, Map.of("id", id));
    } catch (Refused e) {
      List<String> near = near(broker, id);
      if (near.isEmpty()) {
        throw e;
      }
      throw new Refused(
          "%s. Ids with '%s' in them: %s. 'taskbroker tasks --id-part %s' lists those that are stored"
              .formatted(
                  e.getMessage(),
                  OneLine.of(id),
                  near.stream().map(OneLine::of).collect(Collectors.joining(", ")),
                  OneLine.of(id)));
    }
  }

  private static List<String> near(BrokerLink broker, String id) {
    List<String> near = new ArrayList<>();
    try {
      for (Map<String, Object> query :
          List.<Map<String, Object>>of(
              Map.of("id_part", id, "limit", MOST),
              Map.of("id_part", id, "limit", MOST, "state", "complete"))) {
        Answer.list(broker.get("/api/v1/tasks", query), "tasks")
            .forEach(task -> near.add(String.valueOf(task.get("id"))));
      }
    } catch (Refused _) {
      return List.of(); // what was refused first says more
    }
    return near.stream().distinct().sorted().limit(MOST).toList();
  }
}
