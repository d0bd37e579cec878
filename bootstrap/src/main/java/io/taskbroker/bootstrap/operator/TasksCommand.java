package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code taskbroker tasks}: tasks, by what they have in common. */
@Command(
    name = "tasks",
    mixinStandardHelpOptions = true,
    description = {
      "Lists stored tasks, the first that came first. With --state complete those that have ended"
          + " and are remembered, the last that ended first.",
      "Exits 1 if there are none."
    })
public final class TasksCommand extends Question {
  /** What the API answers at once. */
  private static final int PIECE = 1_000;

  @Mixin private @Nullable Selection selection;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Most tasks. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Option(
      names = "--outcome",
      paramLabel = "OUTCOME",
      description = "How they ended, such as completed or discarded; with --state complete.")
  private @Nullable String outcome;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    if (limit < 1) {
      throw new ParameterException(command().commandLine(), "--limit must be at least 1.");
    }
    List<Map<String, Object>> tasks = new ArrayList<>();
    Map<String, Object> query =
        new LinkedHashMap<>(selection == null ? Map.of() : selection.filter());
    if (outcome != null) {
      query.put("outcome", outcome);
    }
    Object next = 0;
    while (next != null && tasks.size() < limit) {
      query.put("after", next);
      query.put("limit", Math.min(PIECE, limit - tasks.size()));
      Map<String, Object> piece = broker.get("/api/v1/tasks", query);
      tasks.addAll(Answer.list(piece, "tasks"));
      next = piece.get("next");
    }
    boolean isMore = next != null || tasks.size() > limit; // each broker has told as many
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("tasks", tasks.subList(0, Math.min(limit, tasks.size())));
    answer.put("more", isMore);
    return answer;
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table =
        new Table(
            "id",
            "application",
            "namespace",
            "task",
            "state",
            "missed",
            "received",
            "ended",
            "last error, or what is next");
    for (Map<String, Object> task : Answer.list(answer, "tasks")) {
      table.rowOf(
          task,
          task.get("id"),
          task.get("application"),
          task.get("namespace"),
          task.get("task"),
          task.getOrDefault("outcome", task.get("state")),
          task.get("attempts"),
          task.get("received_at"),
          task.get("ended_at"),
          next(task));
    }
    if (table.isEmpty()) {
      boolean isOver = selection != null && "complete".equals(selection.filter().get("state"));
      out.println(
          isOver
              ? "No such task is remembered: those that ended are for store.keep_ended_for, until"
                  + " the broker stops."
              : "No such task is stored. Those that ended lately are listed with --state"
                  + " complete.");
      return;
    }
    table.print(out);
    if (Boolean.TRUE.equals(answer.get("more"))) {
      out.printf("There may be more; raise --limit (%d).%n", limit);
    }
  }

  /** Why it has failed, or what it waits for; null if it just waits. */
  private static @Nullable Object next(Map<String, Object> task) {
    Map<String, Object> failure = Answer.object(task, "failure");
    if (task.containsKey("parked")) {
      return "Kafka refused it: " + task.get("parked");
    }
    if (!failure.isEmpty()) {
      return failure.getOrDefault(
          "last_error", String.valueOf(failure.get("cause")).replace('_', ' '));
    }
    if (task.containsKey("with_worker_until")) {
      return "deadline " + task.get("with_worker_until");
    }
    return "delayed".equals(task.get("state")) ? "due " + task.get("delayed_until") : null;
  }

  @Override
  int code(Map<String, Object> answer) {
    return Answer.list(answer, "tasks").isEmpty() ? NOTHING : DONE;
  }
}
