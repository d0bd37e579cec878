package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private Unmasking unmasking = new Unmasking();

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> answer = new LinkedHashMap<>(NearIds.ask(broker, "/api/v1/task", id));
    if (unmasking.isWanted()) {
      answer.put(CONTENTS, broker.post("/api/v1/arguments", unmasking.order("id", id)));
    } else if (!"complete".equals(Answer.object(answer, "task").get("state"))) {
      answer.put(CONTENTS, masked(broker));
    }
    return answer;
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
    Facts.printContents(Answer.object(answer, CONTENTS), Unmasking.OPTION, out);
    printOrders(Answer.list(answer, "orders"), out);
    WhyCommand.print(Answer.list(answer, "why"), out);
  }

  private static void printOrders(List<Map<String, Object>> orders, PrintWriter out) {
    if (!orders.isEmpty()) {
      out.printf("%nOrders:%n");
    }
    for (Map<String, Object> one : orders) {
      Object reason = one.get("reason");
      out.println(
          OneLine.of(
              "  %s %s: %s%s"
                  .formatted(
                      one.get("at"),
                      one.get("actor"),
                      one.get("order"),
                      "".equals(reason) ? "" : " (" + reason + ")")));
    }
  }
}
