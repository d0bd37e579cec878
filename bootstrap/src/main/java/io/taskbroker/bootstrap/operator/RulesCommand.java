package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code taskbroker rules …}: what is dropped and sent off by rules. */
@Command(
    name = "rules",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the kill switches and demotions in force: where they come from, how many tasks of",
      "these names are stored, and how many were dropped or sent off since the broker started."
    },
    subcommands = {RulesCommand.Try.class, RulesCommand.Set.class, RulesCommand.End.class})
public final class RulesCommand extends Question {
  private static final String PATH = "/api/v1/rules";

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get(PATH, Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("rule", "name", "where", "stored", "done", "order");
    List<Map<String, Object>> rules = Answer.list(answer, "rules");
    for (Map<String, Object> rule : rules) {
      table.rowOf(
          rule,
          kind(rule),
          name(rule),
          where(rule),
          rule.get("stored"),
          rule.get("done"),
          Answer.object(rule, "order").get("id"));
    }
    if (table.isEmpty()) {
      out.println("No rule is in force.");
    } else {
      table.print(out);
    }
    rules.stream()
        .filter(rule -> rule.containsKey("order"))
        .forEach(
            rule ->
                out.println(Answer.broker(rule) + "Order " + words(Answer.object(rule, "order"))));
    out.println(OneLine.of(origin(answer)));
    if (answer.get("trouble") != null) {
      out.println(
          OneLine.of("What is written there now is not in force: " + answer.get("trouble")));
    }
  }

  private static Object kind(Map<String, Object> rule) {
    Object kind = Objects.requireNonNullElse(rule.get("kind"), "?");
    return switch (String.valueOf(kind)) {
      case "drop_task" -> "drop";
      case "drop_by_arguments" -> "drop by arguments";
      case "send_off" -> "send off";
      default -> kind; // of a newer broker
    };
  }

  private static @Nullable Object name(Map<String, Object> rule) {
    return rule.containsKey("task") ? rule.get("task") : rule.get("namespace");
  }

  private static @Nullable Object where(Map<String, Object> rule) {
    return rule.containsKey("condition")
        ? rule.get("condition")
        : rule.getOrDefault("target", "always");
  }

  private static String words(Map<String, Object> order) {
    Object until = order.get("until");
    Object reason = order.get("reason");
    return OneLine.of(
        "%s: by %s since %s, until %s%s"
            .formatted(
                order.get("id"),
                order.get("by"),
                order.get("since"),
                until == null ? "somebody ends it" : until,
                reason == null || "".equals(reason) ? "" : "; because: " + reason));
  }

  private static String origin(Map<String, Object> answer) {
    if (answer.get("file") == null) {
      return "There is no file of rules: runtime_config_path names one.";
    }
    return answer.get("since") == null
        ? "From %s, which could not be used yet.".formatted(answer.get("file"))
        : "From %s, in force since %s.".formatted(answer.get("file"), answer.get("since"));
  }

  // ---------------------------------------------------------------- which rules

  /** Rules as they are said in a command. */
  static final class Said {
    @Option(names = "--drop", paramLabel = "TASK", description = "Drop tasks of this name.")
    private List<String> dropped = List.of();

    @Option(
        names = "--send-off",
        paramLabel = "NAMESPACE",
        description = "Send tasks of this namespace to the topic of demoted namespaces.")
    private List<String> sentOff = List.of();

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Rules as the file of rules has them; for those that go by arguments, too.")
    private @Nullable Path file;

    /** In the language of the file of rules, of which JSON is a part. */
    String text(Question asked) {
      boolean isNamed = !dropped.isEmpty() || !sentOff.isEmpty();
      if (isNamed == (file != null)) {
        throw new ParameterException(
            asked.command().commandLine(), "Say which rules: by --drop, --send-off or --file.");
      }
      return file == null
          ? BrokerLink.text(Map.of("drop_task_killswitch", dropped, "demoted_namespaces", sentOff))
          : content(file);
    }

    private static String content(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new Refused("%s cannot be read: %s".formatted(file, e));
      }
    }
  }

  /** A piece after the other, until all were looked at; the numbers of all pieces together. */
  private static Map<String, Object> tried(BrokerLink broker, String rules) {
    List<Map<String, Object>> effects = new ArrayList<>();
    Map<String, Object> question = new LinkedHashMap<>(Map.of("rules", rules));
    boolean isLast = false;
    while (!isLast) {
      Map<String, Object> piece = broker.post(PATH + "/try", question);
      Answer.list(piece, "effects").forEach(effect -> add(effects, effect));
      isLast = Boolean.TRUE.equals(piece.get("is_last")) || piece.get("last") == null;
      question.put("after", piece.getOrDefault("last", 0));
    }
    return Map.of("dry_run", true, "effects", effects);
  }

  /** To those of the same rule, and the same broker where there are several. */
  private static void add(List<Map<String, Object>> sum, Map<String, Object> more) {
    for (Map<String, Object> effect : sum) {
      if (Stream.of("broker", "kind", "task", "namespace", "condition")
          .allMatch(name -> Objects.equals(effect.get(name), more.get(name)))) {
        effect.put("tasks", Answer.number(effect, "tasks") + Answer.number(more, "tasks"));
        Map<String, Object> states = Answer.object(effect, "states");
        Map<String, Object> moreStates = Answer.object(more, "states");
        moreStates
            .keySet()
            .forEach(
                state ->
                    states.put(
                        state, Answer.number(states, state) + Answer.number(moreStates, state)));
        return;
      }
    }
    sum.add(more);
  }

  private static void printEffects(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("rule", "name", "where", "now", "by state");
    for (Map<String, Object> effect : Answer.list(answer, "effects")) {
      Map<String, Object> states = Answer.object(effect, "states");
      table.rowOf(
          effect,
          kind(effect),
          name(effect),
          where(effect),
          effect.get("tasks"),
          states.isEmpty() ? null : String.join(", ", counted(states)));
    }
    if (table.isEmpty()) {
      out.println("There is no rule in it.");
    } else {
      table.print(out);
    }
  }

  private static List<String> counted(Map<String, Object> states) {
    return states.entrySet().stream()
        .map(state -> "%s %s".formatted(state.getValue(), state.getKey()))
        .toList();
  }

  // ---------------------------------------------------------------- orders

  /** Tries rules. */
  @Command(
      name = "try",
      mixinStandardHelpOptions = true,
      description = {
        "Says how many stored tasks rules would drop or send off now, and changes nothing.",
        "Tasks that come later are not in it, nor those that have failed."
      })
  static final class Try extends Question {
    @Mixin private Said said = new Said();

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return tried(broker, said.text(this));
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      printEffects(answer, out);
    }
  }

  /** Puts a rule in force. */
  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = {
        "Puts one rule in force beside those of the file, until 'rules end' or the end of --for, also",
        "over a restart. What a rule drops is gone: it is in no topic.",
        "Without --yes it says how many stored tasks that is about."
      })
  static final class Set extends Question {
    @Mixin private Said said = new Said();

    @Option(
        names = "--for",
        paramLabel = "TIME",
        converter = SpanConverter.class,
        description = "It ends by itself after that, such as 90s, 10m, 2h or 1d.")
    private @Nullable Duration time;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the others.")
    private @Nullable String reason;

    @Option(names = "--yes", description = "Do it.")
    private boolean yes;

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      String rule = said.text(this);
      if (!yes) {
        return tried(broker, rule);
      }
      Map<String, Object> order = new LinkedHashMap<>(Map.of("rule", rule));
      if (time != null) {
        order.put("for_seconds", time.toSeconds());
      }
      if (reason != null) {
        order.put("reason", reason);
      }
      return broker.post(PATH, order);
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      if (answer.containsKey("dry_run")) {
        printEffects(answer, out);
        out.println("Nothing was changed. Add --yes to put it in force, for all that come, too.");
        return;
      }
      Map<String, Object> rule = Answer.object(answer, "rule");
      out.println(
          OneLine.of(
              "In force: %s %s (%s). Order %s"
                  .formatted(
                      kind(rule), name(rule), where(rule), words(Answer.object(answer, "order")))));
    }
  }

  /** Ends a rule. */
  @Command(
      name = "end",
      mixinStandardHelpOptions = true,
      description = {
        "Ends an order, by its id as 'rules' shows it. Exits 1 if there is none.",
        "What was dropped or sent off does not come back; rules of the file are ended in the file."
      })
  static final class End extends Question {
    @Parameters(paramLabel = "ID", description = "Of the order.")
    private String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
    private @Nullable String reason;

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      Map<String, Object> order = new LinkedHashMap<>(Map.of("id", id));
      if (reason != null) {
        order.put("reason", reason);
      }
      return broker.post(PATH + "/end", order);
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      out.println("Ended. What comes from here on, and what is stored still, is handed out.");
    }
  }
}
