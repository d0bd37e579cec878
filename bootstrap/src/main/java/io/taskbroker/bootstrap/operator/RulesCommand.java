package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Command;

/** {@code taskbroker rules}: what is dropped and sent off by rules. */
@Command(
    name = "rules",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the kill switches and demotions in force: where they come from, how many tasks of",
      "these names are stored, and how many were dropped or sent off since the broker started."
    })
public final class RulesCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/rules", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("rule", "name", "where", "stored", "done");
    for (Map<String, Object> rule : Answer.list(answer, "rules")) {
      table.rowOf(
          rule,
          switch (String.valueOf(rule.get("kind"))) {
            case "drop_task" -> "drop";
            case "drop_by_arguments" -> "drop by arguments";
            case "send_off" -> "send off";
            default -> rule.get("kind"); // of a newer broker
          },
          Objects.requireNonNullElse(rule.get("task"), rule.get("namespace")),
          Objects.requireNonNullElse(rule.getOrDefault("condition", rule.get("target")), "always"),
          rule.get("stored"),
          rule.get("done"));
    }
    if (table.isEmpty()) {
      out.println("No rule is in force.");
    } else {
      table.print(out);
    }
    out.println(OneLine.of(origin(answer)));
    if (answer.get("trouble") != null) {
      out.println(
          OneLine.of("What is written there now is not in force: " + answer.get("trouble")));
    }
  }

  private static String origin(Map<String, Object> answer) {
    if (answer.get("file") == null) {
      return "There is no file of rules: runtime_config_path names one.";
    }
    return answer.get("since") == null
        ? "From %s, which could not be used yet.".formatted(answer.get("file"))
        : "From %s, in force since %s.".formatted(answer.get("file"), answer.get("since"));
  }
}
