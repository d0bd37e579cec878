package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code taskbroker cancel …} and the others that do something to tasks. */
public abstract class ActCommand extends Question {
  private static final String NOTE = "note";

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Which tasks: their ids, or beginnings that no other id has.")
  private List<String> ids = List.of();

  @Mixin private @Nullable Selection selection;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private @Nullable String reason;

  @Option(
      names = "--yes",
      description = "Do it, also to several tasks. Without it only their number is told.")
  private boolean yes;

  /** The last word of the path of the API. */
  private String act() {
    return command().name();
  }

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    Map<String, Object> filter = selection == null ? Map.of() : selection.filter();
    if (ids.isEmpty() == filter.isEmpty()) {
      throw new ParameterException(
          command().commandLine(),
          "Name one ID or several, or say which by --application and the like, and not both.");
    }
    return filter.isEmpty() ? byId(broker) : byFilter(broker, filter);
  }

  /** Does it to each of them; to several only if that was said. */
  private Map<String, Object> byId(BrokerLink broker) {
    if (ids.size() > 1 && !yes) {
      return Map.of("dry_run", true, "verdicts", Map.of("named", ids.size()));
    }
    List<Map<String, Object>> results = new ArrayList<>();
    for (String id : ids) {
      try {
        String whole = NearIds.whole(broker, id);
        results.add(broker.post("/api/v1/tasks/" + act(), order(Map.of("id", whole))));
      } catch (Refused e) {
        results.add(Map.of("verdict", "refused", "words", String.valueOf(e.getMessage())));
      }
    }
    return Map.of("results", results);
  }

  /** A piece after the other, until all were looked at. */
  private Map<String, Object> byFilter(BrokerLink broker, Map<String, Object> filter) {
    Map<String, Long> verdicts = new TreeMap<>();
    Map<String, Object> order = order(Map.of("filter", filter, "dry_run", !yes));
    boolean isLast = false;
    while (!isLast) {
      Map<String, Object> piece = broker.post("/api/v1/tasks/" + act(), order);
      Map<String, Object> counted = Answer.object(piece, "verdicts");
      counted
          .keySet()
          .forEach(verdict -> verdicts.merge(verdict, Answer.number(counted, verdict), Long::sum));
      isLast = Boolean.TRUE.equals(piece.get("is_last")) || piece.get("last") == null;
      order.put("after", piece.getOrDefault("last", 0));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("dry_run", !yes);
    answer.put("verdicts", verdicts);
    if (verdicts.isEmpty()) {
      UnknownNames.note(broker, filter).ifPresent(note -> answer.put(NOTE, note));
    }
    return answer;
  }

  private Map<String, Object> order(Map<String, Object> what) {
    Map<String, Object> order = new LinkedHashMap<>(what);
    if (reason != null) {
      order.put("reason", reason);
    }
    return order;
  }

  @Override
  int code(Map<String, Object> answer) {
    boolean refused =
        Answer.list(answer, "results").stream()
            .anyMatch(result -> !"done".equals(result.get("verdict")));
    boolean nothing = answer.containsKey("verdicts") && !isAboutAny(answer);
    return refused || nothing ? NOTHING : DONE;
  }

  /** Whether it was done to a task, or would be. */
  private static boolean isAboutAny(Map<String, Object> answer) {
    Map<String, Object> verdicts = Answer.object(answer, "verdicts");
    return verdicts.containsKey("done") || verdicts.containsKey("named");
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Answer.list(answer, "results").forEach(result -> out.println(result.get("words")));
    if (answer.containsKey("verdicts")) {
      boolean dryRun = Boolean.TRUE.equals(answer.get("dry_run"));
      Map<String, Object> verdicts = Answer.object(answer, "verdicts");
      if (verdicts.isEmpty()) {
        out.println("Nothing matched: no such task is stored.");
      }
      if (answer.containsKey(NOTE)) {
        out.println(answer.get(NOTE));
      }
      verdicts.forEach(
          (verdict, _) -> out.println(words(verdict, Answer.number(verdicts, verdict), dryRun)));
      if (dryRun && isAboutAny(answer)) {
        out.println("Nothing was changed. Add --yes to do it.");
      }
    }
  }

  private String words(String verdict, long tasks, boolean dryRun) {
    return switch (verdict) {
      case "done" -> {
        String were = tasks == 1 ? "was" : "were";
        yield "%s %s %s"
            .formatted(Plural.of(tasks, "task", "tasks"), dryRun ? "would be" : were, done());
      }
      case "named" ->
          "%s would be %s, if that can be".formatted(Plural.of(tasks, "task", "tasks"), done());
      case "not_stored" -> Plural.of(tasks, "task is", "tasks are") + " over meanwhile";
      case "without_effect" ->
          "%s in a state in which %s means nothing"
              .formatted(Plural.of(tasks, "task is", "tasks are"), command().name());
      case "may_have_begun" ->
          tasks + " run at most once, and a worker may have begun them: they are left alone";
      case "leaving" ->
          Plural.of(tasks, "task is", "tasks are") + " on the way to Kafka: look again in a moment";
      default -> tasks + " " + verdict;
    };
  }

  /** What has become of a task to which it was done. */
  abstract String done();

  /** Ends tasks that are not wanted. */
  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Ends tasks that are not wanted any more.")
  public static final class Cancel extends ActCommand {
    @Override
    String done() {
      return "cancelled";
    }
  }

  /** Ends tasks whose work was done in another way. */
  @Command(
      name = "complete",
      mixinStandardHelpOptions = true,
      description = "Ends tasks whose work was done in another way.")
  public static final class Complete extends ActCommand {
    @Override
    String done() {
      return "ended as complete";
    }
  }

  /** Ends delays. */
  @Command(
      name = "run-now",
      mixinStandardHelpOptions = true,
      description = "Ends the delay of tasks.")
  public static final class RunNow extends ActCommand {
    @Override
    String done() {
      return "made due now";
    }
  }

  /** Takes tasks from workers that are gone. */
  @Command(
      name = "give-back",
      mixinStandardHelpOptions = true,
      description = "Takes tasks from a worker that is gone, so that another one gets them.")
  public static final class GiveBack extends ActCommand {
    @Override
    String done() {
      return "given back";
    }
  }

  /** Tries failed tasks again. */
  @Command(
      name = "requeue",
      mixinStandardHelpOptions = true,
      description = "Tries failed tasks again whose dead letter has not left yet.")
  public static final class Requeue extends ActCommand {
    @Override
    String done() {
      return "requeued";
    }
  }
}
