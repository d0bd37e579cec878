package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One picture of a broker, from what its admin API answers: the most important lines first, and of
 * lists as much as there is room for.
 *
 * @param url of the admin API
 * @param before the status of the picture before, to tell what passes in a second; null if there is
 *     none
 */
record TopPicture(
    String url,
    Map<String, Object> status,
    @Nullable Map<String, Object> before,
    List<Map<String, Object>> queues,
    List<Map<String, Object>> applications,
    List<Map<String, Object>> explanations) {
  /** Explanations and applications leave the queues at least half of the screen. */
  private static final int MOST_EXPLAINED = 4;

  private static final int MOST_APPLICATIONS = 5;

  List<String> lines(Screen.Size size) {
    List<String> lines = new ArrayList<>(head());
    if (!explanations.isEmpty()) {
      lines.add("");
      some(explained(), 2 * MOST_EXPLAINED, 2, lines);
    }
    List<String> workers = workers().lines();
    int forWorkers = Math.min(workers.size(), MOST_APPLICATIONS + 1) + 1;
    int room = size.lines() - lines.size() - forWorkers - 1;
    lines.add("");
    if (queues.isEmpty()) {
      lines.add("Nothing is stored.");
    } else {
      some(queueTable().lines(), Math.max(2, room), 1, lines);
    }
    if (!applications.isEmpty()) {
      lines.add("");
      lines.addAll(workers.subList(0, forWorkers - 1));
    }
    return lines;
  }

  /** As many as there is room for; the last line says how many things are left out. */
  private static void some(List<String> from, int room, int linesOfOne, List<String> to) {
    if (from.size() <= room) {
      to.addAll(from);
      return;
    }
    int shown = Math.max(1, room - linesOfOne);
    to.addAll(from.subList(0, shown));
    to.add("… and %d more".formatted((from.size() - shown + linesOfOne - 1) / linesOfOne));
  }

  // ---------------------------------------------------------------- the whole

  private List<String> head() {
    Map<String, Object> tasks = Answer.object(status, "tasks");
    boolean isReady = Boolean.TRUE.equals(status.get("ready"));
    return List.of(
        OneLine.of(
            "taskbroker %s at %s, %s: %s"
                .formatted(
                    status.get("version"),
                    url,
                    status.get("now"),
                    isReady ? "ready" : "not ready, " + status.get("why_not_ready"))),
        "%s   the oldest waits for %s   %s stored"
            .formatted(
                passing(),
                span(Answer.number(tasks, "oldest_pending_ms")),
                bytes(Answer.number(tasks, "store_bytes") + Answer.number(tasks, "log_bytes"))),
        "%d pending   %d delayed   %d claimed   %d with workers   %d to retry   %d failed   %d parked"
            .formatted(
                Answer.number(tasks, "pending"),
                Answer.number(tasks, "delayed"),
                Answer.number(tasks, "claimed"),
                Answer.number(tasks, "processing"),
                Answer.number(tasks, "retry"),
                Answer.number(tasks, "failed"),
                Answer.number(tasks, "parked")));
  }

  private String passing() {
    Map<String, Object> now = Answer.object(status, "flow");
    if (before == null) {
      return "since the start %d in, %d over"
          .formatted(Answer.number(now, "received"), Answer.number(now, "ended"));
    }
    Map<String, Object> then = Answer.object(before, "flow");
    double seconds = Math.max(0.001, between(before, status).toMillis() / 1_000.0);
    return String.format(
        Locale.ROOT,
        "%.1f/s in   %.1f/s over",
        (Answer.number(now, "received") - Answer.number(then, "received")) / seconds,
        (Answer.number(now, "ended") - Answer.number(then, "ended")) / seconds);
  }

  private static Duration between(Map<String, Object> one, Map<String, Object> other) {
    return Duration.between(
        Instant.parse(String.valueOf(one.get("now"))),
        Instant.parse(String.valueOf(other.get("now"))));
  }

  private static String span(long ms) {
    if (ms < 10_000) {
      return String.format(Locale.ROOT, "%.1f s", ms / 1_000.0);
    }
    long seconds = ms / 1_000;
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3_600
        ? "%d min %d s".formatted(seconds / 60, seconds % 60)
        : "%d h %d min".formatted(seconds / 3_600, seconds % 3_600 / 60);
  }

  private static String bytes(long number) {
    return number < 1_000_000
        ? number / 1_000 + " KB"
        : String.format(Locale.ROOT, "%.1f MB", number / 1_000_000.0);
  }

  // ---------------------------------------------------------------- lists

  private List<String> explained() {
    List<String> lines = new ArrayList<>();
    for (Map<String, Object> one : explanations) {
      lines.add(OneLine.of("! %s: %s".formatted(one.get("what"), one.get("why"))));
      lines.add(OneLine.of("  " + one.get("remedy")));
    }
    return lines;
  }

  /** Those first in which most waits. */
  private Table queueTable() {
    Table table =
        new Table(
            "application",
            "namespace",
            "task",
            "pending",
            "oldest",
            "delayed",
            "with workers",
            "failed");
    queues.stream()
        .sorted(
            Comparator.comparingLong(
                    (Map<String, Object> queue) ->
                        Answer.number(Answer.object(queue, "states"), "pending"))
                .reversed())
        .forEach(
            queue -> {
              Map<String, Object> states = Answer.object(queue, "states");
              table.row(
                  queue.get("application"),
                  queue.get("namespace"),
                  queue.get("task"),
                  Answer.number(states, "pending"),
                  Answer.age(queue),
                  Answer.number(states, "delayed"),
                  Answer.number(states, "claimed") + Answer.number(states, "processing"),
                  Answer.number(states, "failed"));
            });
    return table;
  }

  private Table workers() {
    Table table = new Table("application", "pending", "oldest", "a worker last asked");
    for (Map<String, Object> one : applications) {
      Object ago = one.get("last_asked_seconds_ago");
      table.row(
          one.get("application"),
          one.get("pending"),
          Answer.age(one),
          ago == null ? "not since the broker started" : ago + " s ago");
    }
    return table;
  }
}
