package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code taskbroker workers}: whether anybody works for an application, and who that is. */
@Command(
    name = "workers",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what waits in each application, and when a worker last asked for it. Then the workers"
          + " that ask for tasks: their addresses, which program they say they are, what they ask"
          + " for, when they called last, how many tasks they have, and since when the oldest of"
          + " these. Where the broker calls the workers: their addresses, and whether they take"
          + " tasks."
    })
public final class WorkersCommand extends Question {
  private static final String CALLED = "called_workers";

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> answer = new LinkedHashMap<>(broker.get("/api/v1/applications", Map.of()));
    answer.put("workers", broker.all("/api/v1/workers", "workers"));
    answer.put(CALLED, Answer.list(broker.get("/api/v1/called-workers", Map.of()), CALLED));
    return answer;
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("application", "pending", "oldest", "a worker last asked");
    for (Map<String, Object> one : Answer.list(answer, "applications")) {
      Object ago = one.get("last_asked_seconds_ago");
      table.rowOf(
          one,
          one.get("application"),
          one.get("pending"),
          Answer.age(one),
          ago == null ? "not since the broker started" : ago + " s ago");
    }
    if (table.isEmpty()) {
      out.println("No application has anything stored.");
    } else {
      table.print(out);
    }
    out.println();
    List<Map<String, Object>> called = Answer.list(answer, CALLED);
    List<Map<String, Object>> asking = Answer.list(answer, "workers");
    if (!called.isEmpty()) {
      showCalled(called, out);
    }
    if (called.isEmpty() || !asking.isEmpty()) {
      showWorkers(asking, out);
    }
  }

  private static void showCalled(List<Map<String, Object>> called, PrintWriter out) {
    Table table =
        new Table("called worker", "application", "connections", "resting", "under way", "why");
    for (Map<String, Object> one : called) {
      table.rowOf(
          one,
          one.get("address"),
          one.get("application"),
          one.get("connections"),
          one.get("resting"),
          one.get("under_way"),
          one.get("trouble"));
    }
    table.print(out);
  }

  private static void showWorkers(List<Map<String, Object>> workers, PrintWriter out) {
    Table table =
        new Table(
            "worker",
            "program",
            "asks for",
            "last call",
            "gone since",
            "holds",
            "the oldest since");
    for (Map<String, Object> one : workers) {
      table.rowOf(
          one,
          one.get("worker"),
          one.get("program"),
          asksFor(one),
          one.get("called_at"),
          one.get("gone_at"),
          one.get("holds"),
          one.get("holds_since"));
    }
    if (table.isEmpty()) {
      out.println("No worker has asked for tasks in the last ten minutes.");
    } else {
      table.print(out);
    }
  }

  /** "shop, billing/invoices", "anything"; null if it has not asked. */
  private static @Nullable String asksFor(Map<String, Object> worker) {
    List<Map<String, Object>> filters = Answer.list(worker, "asks_for");
    return filters.isEmpty()
        ? null
        : filters.stream().map(WorkersCommand::nameOf).collect(Collectors.joining(", "));
  }

  private static String nameOf(Map<String, Object> filter) {
    Object application = filter.get("application");
    Object namespace = filter.get("namespace");
    if (application == null) {
      return "anything";
    }
    return namespace == null ? String.valueOf(application) : application + "/" + namespace;
  }
}
