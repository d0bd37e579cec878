package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code taskbroker task ID}: one task. */
@Command(
    name = "task",
    mixinStandardHelpOptions = true,
    description = "Shows one task, and why it stands where it stands.")
public final class TaskCommand extends Question {
  @Parameters(paramLabel = "ID", description = "Its id.")
  private String id = "";

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/task", Map.of("id", id));
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Answer.object(answer, "task")
        .forEach(
            (name, value) ->
                out.printf(
                    "%-18s %s%n",
                    name.replace('_', ' '),
                    OneLine.of(
                        value instanceof Map<?, ?>
                            ? BrokerLink.text(value)
                            : String.valueOf(value))));
    WhyCommand.print(Answer.list(answer, "why"), out);
  }
}
