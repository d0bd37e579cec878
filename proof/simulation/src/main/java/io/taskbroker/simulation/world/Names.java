package io.taskbroker.simulation.world;

import io.taskbroker.testkit.broker.PlainTask;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** From what the core says of a task to the task's name in a history. */
final class Names {
  /** How the value of a record begins that is no task; its name follows. */
  static final String BAD = "bad:";

  /** By the id of an attempt, for retries have ids of their own. */
  private final Map<String, String> roots = new TreeMap<>();

  /** Ids by the names of attempts. */
  private final Map<String, String> ids = new TreeMap<>();

  /** The task's name; of what is no task, "?". */
  String rootOf(byte @Nullable [] payload) {
    return payload == null
        ? "?"
        : PlainTask.decode(payload).map(this::rootOf).orElseGet(() -> badRecord(payload));
  }

  private static String badRecord(byte[] value) {
    String text = new String(value, StandardCharsets.US_ASCII);
    return text.startsWith(BAD) ? text.substring(BAD.length()) : "?";
  }

  String rootOf(PlainTask task) {
    String body = new String(task.body(), StandardCharsets.UTF_8);
    int end = body.indexOf(' ');
    String root = end < 0 ? body : body.substring(0, end);
    roots.put(task.id(), root);
    ids.put(attempt(root, task.attempts()), task.id());
    return root;
  }

  /** The task's name by the id of an attempt that was seen before; else the id itself. */
  String rootOfId(String id) {
    return roots.getOrDefault(id, id);
  }

  /** Name and attempt. */
  String attempt(PlainTask task) {
    return attempt(rootOf(task), task.attempts());
  }

  private static String attempt(String root, int attempts) {
    return attempts == 0 ? root : root + "#" + attempts;
  }

  /** The id of an attempt of this task that was seen before. */
  String idOf(String root, int attempts) {
    String attempt = attempt(root, attempts);
    return ids.getOrDefault(attempt, attempt);
  }
}
