package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker workers}: whether anybody works for an application. */
@Command(
    name = "workers",
    mixinStandardHelpOptions = true,
    description = "Shows what waits in each application, and when a worker last asked for it.")
public final class WorkersCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/applications", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("application", "pending", "a worker last asked");
    for (Map<String, Object> one : Answer.list(answer, "applications")) {
      Object ago = one.get("last_asked_seconds_ago");
      table.rowOf(
          one,
          one.get("application"),
          one.get("pending"),
          ago == null ? "not since the broker started" : ago + " s ago");
    }
    if (table.isEmpty()) {
      out.println("No application has anything stored.");
    } else {
      table.print(out);
    }
  }
}
