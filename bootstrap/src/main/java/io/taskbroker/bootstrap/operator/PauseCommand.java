package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code taskbroker pause}: hands nothing out, or shows what is not handed out. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description = {
      "Hands out nothing that has all of the names given, until 'resume' or the end of"
          + " --for, also over a restart. What workers have already they keep.",
      "Without --yes it says how many stored tasks that is about; without a name it lists the"
          + " pauses."
    })
public final class PauseCommand extends Question {
  private static final String NOTE = "note";

  @Mixin private @Nullable Naming naming;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description =
          "It ends by itself after that, such as 90s, 10m, 2h or 1d. Default: it does not.")
  private @Nullable Duration time;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the others.")
  private @Nullable String reason;

  @Option(names = "--yes", description = "Do it.")
  private boolean yes;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> names = naming == null ? Map.of() : naming.names();
    if (names.isEmpty()) {
      return broker.get("/api/v1/pauses", Map.of());
    }
    if (!yes) {
      Map<String, Object> answer =
          new LinkedHashMap<>(
              Map.of("dry_run", true, "pause", names, "stored", stored(broker, names)));
      UnknownNames.note(broker, names).ifPresent(note -> answer.put(NOTE, note));
      return answer;
    }
    Map<String, Object> order = new LinkedHashMap<>(names);
    if (time != null) {
      order.put("for_seconds", time.toSeconds());
    }
    if (reason != null) {
      order.put("reason", reason);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("pauses", List.of(broker.post("/api/v1/pauses", order)));
    UnknownNames.note(broker, names).ifPresent(note -> answer.put(NOTE, note));
    return answer;
  }

  /** How many tasks have these names; topics are not counted by. */
  private static long stored(BrokerLink broker, Map<String, Object> names) {
    return QueuesCommand.all(broker).stream()
        .filter(
            queue ->
                Stream.of("application", "namespace", "task")
                    .allMatch(
                        name ->
                            !names.containsKey(name) || names.get(name).equals(queue.get(name))))
        .map(queue -> Answer.object(queue, "states"))
        .mapToLong(states -> Answer.number(states, "pending") + Answer.number(states, "delayed"))
        .sum();
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    showPauses(answer, out);
    if (answer.containsKey(NOTE)) {
      out.println(answer.get(NOTE));
    }
  }

  private static void showPauses(Map<String, Object> answer, PrintWriter out) {
    if (answer.containsKey("dry_run")) {
      boolean byTopic = Answer.object(answer, "pause").containsKey("topic");
      out.printf(
          "Nothing is paused yet. %s %s, which this would hold back, and all that come. Add --yes"
              + " to pause them.%n",
          byTopic ? "At most" : "Now",
          Plural.of(Answer.number(answer, "stored"), "stored task waits", "stored tasks wait"));
      return;
    }
    List<Map<String, Object>> pauses = Answer.list(answer, "pauses");
    if (pauses.isEmpty()) {
      out.println("Nothing is paused.");
    }
    print(pauses, out);
  }

  static void print(List<Map<String, Object>> pauses, PrintWriter out) {
    for (Map<String, Object> pause : pauses) {
      Object until = pause.get("until");
      out.printf(
          "%sPaused: %s; by %s since %s, until %s%s%n",
          Answer.broker(pause),
          target(pause),
          said(pause, "by"),
          pause.get("since"),
          until == null ? "somebody resumes it" : until,
          said(pause, "reason").isEmpty() ? "" : "; because: " + said(pause, "reason"));
    }
  }

  private static String target(Map<String, Object> pause) {
    return Stream.of("application", "namespace", "task", "topic")
        .filter(pause::containsKey)
        .map(name -> "%s '%s'".formatted(name, said(pause, name)))
        .collect(Collectors.joining(", "));
  }

  private static String said(Map<String, Object> pause, String name) {
    return OneLine.of(String.valueOf(pause.getOrDefault(name, "")));
  }
}
