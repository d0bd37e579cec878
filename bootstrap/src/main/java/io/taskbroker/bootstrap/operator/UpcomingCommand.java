package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code taskbroker upcoming}: what runs next. */
@Command(
    name = "upcoming",
    mixinStandardHelpOptions = true,
    description = "Lists delayed tasks, those first that are due first, and counts retries.")
public final class UpcomingCommand extends Question {
  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "Most tasks, up to 1000. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/upcoming", Map.of("limit", limit));
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    List<Map<String, Object>> tasks = Answer.list(answer, "upcoming");
    Table table = new Table("due", "application", "namespace", "task", "id");
    for (Map<String, Object> task : tasks) {
      table.rowOf(
          task,
          task.get("delayed_until"),
          task.get("application"),
          task.get("namespace"),
          task.get("task"),
          task.get("id"));
    }
    if (table.isEmpty()) {
      out.println("No task is delayed.");
    } else {
      table.print(out);
    }
    long delayed = Answer.number(answer, "within_the_hour") + Answer.number(answer, "later");
    if (delayed > tasks.size()) {
      out.printf("And %d more; raise --limit (%d).%n", delayed - tasks.size(), limit);
    }
    long retries = Answer.number(answer, "retry");
    if (retries > 0) {
      out.printf("On their way to Kafka, as tasks that are tried again: %d.%n", retries);
    }
  }
}
