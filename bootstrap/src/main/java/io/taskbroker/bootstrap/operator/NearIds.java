package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the tasks that were meant by a part of their ids, where no task has just that id. */
final class NearIds {
  private static final int MOST = 3;

  /** A shorter beginning is more likely a slip than an id. */
  private static final int SHORTEST_BEGINNING = 4;

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

  /**
   * The id of the task that is meant: the one that was said, or the only one that begins so.
   *
   * @throws Refused if several begin so
   */
  static String whole(BrokerLink broker, String said) {
    if (said.length() < SHORTEST_BEGINNING || isThere(broker, said)) {
      return said;
    }
    List<String> begun = beginning(broker, said);
    if (begun.size() > 1) {
      throw new Refused(
          "'%s' is the beginning of several ids: %s. Write more of it, or name them by --id-part"
              .formatted(
                  OneLine.of(said),
                  begun.stream().sorted().map(OneLine::of).collect(Collectors.joining(", "))));
    }
    return begun.isEmpty() ? said : begun.getFirst();
  }

  private static boolean isThere(BrokerLink broker, String id) {
    try {
      return !broker.get("/api/v1/task", Map.of("id", id)).isEmpty();
    } catch (Refused _) {
      return false; // the order itself says why, if that is not for want of the task
    }
  }

  /** Ids of stored tasks that begin so; those that come first if there are many. */
  private static List<String> beginning(BrokerLink broker, String text) {
    List<String> begun = new ArrayList<>();
    @Nullable Object next = null;
    do {
      Map<String, Object> query = new LinkedHashMap<>(Map.of("id_part", text));
      query.put("after", next);
      Map<String, Object> piece = broker.get("/api/v1/tasks", query);
      Answer.list(piece, "tasks").stream()
          .map(task -> String.valueOf(task.get("id")))
          .filter(id -> id.startsWith(text) && !begun.contains(id))
          .forEach(begun::add);
      next = piece.get("next");
    } while (next != null && begun.size() < MOST);
    return begun;
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
