package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker queues}: what is stored, by its names, and how fast it goes. */
@Command(
    name = "queues",
    mixinStandardHelpOptions = true,
    description = {
      "Counts what is stored by application, namespace, task and state. Says what comes to and leaves"
          + " each application, and when nothing will wait any more; and of the tasks that ended in"
          + " the last minutes, how long they waited for a worker and how long they ran."
    })
public final class QueuesCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("queues", all(broker));
    answer.putAll(broker.get("/api/v1/paces", Map.of("limit", BrokerLink.PIECE)));
    return answer;
  }

  static List<Map<String, Object>> all(BrokerLink broker) {
    return broker.all("/api/v1/queues", "queues");
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table =
        new Table(
            "application",
            "namespace",
            "task",
            "pending",
            "oldest",
            "delayed",
            "claimed",
            "processing",
            "retry",
            "failed");
    for (Map<String, Object> queue : Answer.list(answer, "queues")) {
      Map<String, Object> states = Answer.object(queue, "states");
      table.rowOf(
          queue,
          queue.get("application"),
          queue.get("namespace"),
          queue.get("task"),
          Answer.number(states, "pending"),
          Answer.age(queue),
          Answer.number(states, "delayed"),
          Answer.number(states, "claimed"),
          Answer.number(states, "processing"),
          Answer.number(states, "retry"),
          Answer.number(states, "failed"));
    }
    if (table.isEmpty()) {
      out.println("Nothing is stored.");
    } else {
      table.print(out);
    }
    showFlows(Answer.list(answer, "applications"), out);
    showPaces(answer, out);
  }

  private static void showFlows(List<Map<String, Object>> applications, PrintWriter out) {
    Table table = new Table("application", "waiting", "in /s", "out /s", "time to drain");
    for (Map<String, Object> one : applications) {
      Object drain = one.get("drain_seconds");
      table.rowOf(
          one,
          one.get("application"),
          one.get("waiting"),
          one.get("in_per_second"),
          one.get("out_per_second"),
          drain == null ? "never, at these rates" : drain + " s");
    }
    if (!table.isEmpty()) {
      out.println();
      table.print(out);
    }
  }

  private static void showPaces(Map<String, Object> answer, PrintWriter out) {
    Table table =
        new Table(
            "application",
            "namespace",
            "task",
            "ended",
            "failed",
            "wait p50 ms",
            "wait p99 ms",
            "run p50 ms",
            "run p99 ms");
    for (Map<String, Object> pace : Answer.list(answer, "tasks")) {
      Map<String, Object> waits = Answer.object(pace, "wait");
      Map<String, Object> runs = Answer.object(pace, "run");
      table.rowOf(
          pace,
          pace.get("application"),
          pace.get("namespace"),
          pace.get("task"),
          pace.get("ended"),
          pace.get("failed"),
          waits.get("p50_ms"),
          waits.get("p99_ms"),
          runs.get("p50_ms"),
          runs.get("p99_ms"));
    }
    if (!table.isEmpty()) {
      out.printf("%nEnded in the last %d s:%n", Answer.number(answer, "over_seconds"));
      table.print(out);
    }
    long others = Answer.number(answer, "others");
    if (others > 0) {
      out.printf("And %d of other names.%n", others);
    }
  }
}
