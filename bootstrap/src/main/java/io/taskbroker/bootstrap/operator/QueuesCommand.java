package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker queues}: what is stored, by its names. */
@Command(
    name = "queues",
    mixinStandardHelpOptions = true,
    description = "Counts what is stored by application, namespace, task and state.")
public final class QueuesCommand extends Question {
  private static final int PIECE = 1_000;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return Map.of("queues", all(broker));
  }

  static List<Map<String, Object>> all(BrokerLink broker) {
    List<Map<String, Object>> queues = new ArrayList<>();
    Map<String, Object> query = new LinkedHashMap<>(Map.of("limit", PIECE));
    Object next;
    do {
      Map<String, Object> piece = broker.get("/api/v1/queues", query);
      queues.addAll(Answer.list(piece, "queues"));
      next = piece.get("next");
      query.put("after", String.valueOf(next));
    } while (next != null);
    return queues;
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table =
        new Table(
            "application",
            "namespace",
            "task",
            "pending",
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
  }
}
