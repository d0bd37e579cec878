package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code taskbroker configuration}: with which a running broker was started. */
@Command(
    name = "configuration",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the configuration with which a running broker was started, and where each value was",
      "written. 'check-config' shows that of a file."
    })
public final class ConfigurationCommand extends Question {
  @Option(names = "--given", description = "Only what somebody wrote.")
  private boolean given;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/configuration", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("key", "value", "default", "written in");
    for (Map<String, Object> setting : Answer.list(answer, "settings")) {
      boolean isGiven = Boolean.TRUE.equals(setting.get("is_given"));
      if (isGiven || !given) {
        table.rowOf(
            setting,
            setting.get("key"),
            setting.get("value"),
            setting.get("default"),
            isGiven ? setting.get("origin") : null);
      }
    }
    if (table.isEmpty()) {
      out.println("Nothing was written: all values are defaults.");
    } else {
      table.print(out);
    }
  }
}
