package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code taskbroker task ID}: one task. */
@Command(
    name = "task",
    mixinStandardHelpOptions = true,
    description =
        "Shows one task, why it stands where it stands, and what it was called with: by kind and"
            + " length, or with --arguments as it is.")
public final class TaskCommand extends Question {
  private static final String CONTENTS = "contents";

  @Parameters(paramLabel = "ID", description = "Its id.")
  private String id = "";

  @Option(
      names = "--arguments",
      description = "Show the values of arguments and headers. That is written to the audit.")
  private boolean arguments;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the audit; with --arguments.")
  private @Nullable String reason;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> answer = new LinkedHashMap<>(NearIds.ask(broker, "/api/v1/task", id));
    if (arguments) {
      answer.put(CONTENTS, shown(broker));
    } else if (!"complete".equals(Answer.object(answer, "task").get("state"))) {
      answer.put(CONTENTS, masked(broker));
    }
    return answer;
  }

  private Map<String, Object> shown(BrokerLink broker) {
    Map<String, Object> order = new LinkedHashMap<>(Map.of("id", id));
    if (reason != null) {
      order.put("reason", reason);
    }
    return broker.post("/api/v1/arguments", order);
  }

  /** Empty if they are gone since, or cannot be read: all else is shown. */
  private Map<String, Object> masked(BrokerLink broker) {
    try {
      return broker.get("/api/v1/arguments", Map.of("id", id));
    } catch (Refused _) {
      return Map.of();
    }
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Map<String, Object> facts = new LinkedHashMap<>();
    // What the API calls attempts is how many of them nobody has reported.
    Answer.object(answer, "task")
        .forEach(
            (name, value) -> facts.put(name.equals("attempts") ? "missed_deadlines" : name, value));
    Facts.print(facts, out);
    Facts.printContents(Answer.object(answer, CONTENTS), "--arguments", out);
    WhyCommand.print(Answer.list(answer, "why"), out);
  }
}
