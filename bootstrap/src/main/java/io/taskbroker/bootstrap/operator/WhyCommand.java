package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code taskbroker why [ID]}: what does not move. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = "Says why a task, or without an id anything, does not move, and what to do.")
public final class WhyCommand extends Question {
  @Parameters(paramLabel = "ID", arity = "0..1", description = "Of a task.")
  private @Nullable String id;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return id == null
        ? broker.get("/api/v1/why", Map.of())
        : NearIds.ask(broker, "/api/v1/why", id);
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    List<Map<String, Object>> all = Answer.list(answer, "explanations");
    if (all.isEmpty()) {
      out.println("Nothing is known to stand still.");
    }
    print(all, out);
  }

  static void print(List<Map<String, Object>> explanations, PrintWriter out) {
    for (Map<String, Object> one : explanations) {
      Object since = one.get("since");
      out.printf(
          "%n%s%s: %s%s.%n  %s%n",
          Answer.broker(one),
          said(one, "what"),
          said(one, "why"),
          since == null ? "" : ", since " + since,
          said(one, "remedy"));
    }
  }

  private static String said(Map<String, Object> one, String name) {
    return OneLine.of(String.valueOf(one.get(name)));
  }
}
