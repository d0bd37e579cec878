package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code taskbroker resume}: ends a pause. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = "Ends the pause of exactly these names. Exits 1 if there is none.")
public final class ResumeCommand extends Question {
  @Mixin private @Nullable Naming naming;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private @Nullable String reason;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> order = new LinkedHashMap<>(naming == null ? Map.of() : naming.names());
    if (reason != null) {
      order.put("reason", reason);
    }
    return broker.post("/api/v1/pauses/end", order);
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    out.println("Resumed. Its tasks are handed out again, at their old places.");
  }
}
