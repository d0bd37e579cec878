package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code taskbroker resume}: ends a pause. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        "Ends the pause of exactly these names; without a name it lists the pauses. Exits 1 if it"
            + " ends none.")
public final class ResumeCommand extends Question {
  private static final String PAUSES = "pauses";

  @Mixin private @Nullable Naming naming;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private @Nullable String reason;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> names = naming == null ? Map.of() : naming.names();
    if (names.isEmpty()) {
      return broker.get("/api/v1/pauses", Map.of());
    }
    Map<String, Object> order = new LinkedHashMap<>(names);
    if (reason != null) {
      order.put("reason", reason);
    }
    return broker.post("/api/v1/pauses/end", order);
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    if (isListed(answer)) {
      List<Map<String, Object>> pauses = Answer.list(answer, PAUSES);
      PauseCommand.print(pauses, out);
      out.println(
          pauses.isEmpty()
              ? "Nothing is paused."
              : "Nothing was resumed. Say which by its names, such as --application NAME.");
    } else {
      out.println("Resumed. Its tasks are handed out again, at their old places.");
    }
  }

  @Override
  int code(Map<String, Object> answer) {
    return isListed(answer) ? NOTHING : DONE;
  }

  private static boolean isListed(Map<String, Object> answer) {
    return answer.containsKey(PAUSES);
  }
}
