package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code taskbroker dead-letters …}: what failed for good. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    description = "Shows what failed for good, sends it again, or drops it.",
    subcommands = {
      DeadLettersCommand.Groups.class,
      DeadLettersCommand.Listing.class,
      DeadLettersCommand.Show.class,
      DeadLettersCommand.Requeue.class,
      DeadLettersCommand.Drop.class,
      DeadLettersCommand.Run.class,
      DeadLettersCommand.Stop.class,
      DeadLettersCommand.Resume.class
    })
public final class DeadLettersCommand implements Runnable {
  private static final String PATH = "/api/v1/dead-letters";
  private static final int PIECE = 1_000;
  private static final String TO_BE_READ = "to_be_read";
  private static final String LETTER = "/api/v1/dead-letter";
  private static final Pattern PLACE = Pattern.compile("\\d+:\\d+");

  /** A look takes a second, or somewhat more. */
  private static final int MOST_LOOKS = 10;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "Say what: groups, list, requeue, …");
    }
  }

  /** Which dead letters, by what they have in common. */
  static final class Common {
    @Option(names = "--application", paramLabel = "NAME", description = "Of this application.")
    private @Nullable String application;

    @Option(names = "--namespace", paramLabel = "NAME", description = "Of this namespace.")
    private @Nullable String namespace;

    @Option(names = "--task", paramLabel = "NAME", description = "Of this name.")
    private @Nullable String task;

    @Option(
        names = "--cause",
        paramLabel = "TEXT",
        description = "Of this cause, as 'groups' shows it.")
    private @Nullable String cause;

    Map<String, Object> filter() {
      Map<String, Object> filter = new LinkedHashMap<>();
      put(filter, "application", application);
      put(filter, "namespace", namespace);
      put(filter, "task", task);
      put(filter, "cause", cause);
      return filter;
    }

    private static void put(Map<String, Object> filter, String name, @Nullable String value) {
      if (value != null) {
        filter.put(name, value);
      }
    }
  }

  private static void printOlder(Map<String, Object> answer, PrintWriter out) {
    long unread = Answer.number(answer, TO_BE_READ);
    if (unread > 0) {
      out.printf(
          "The broker reads on: %d records are not looked at yet. Ask again for more.%n", unread);
    }
    long older = Answer.number(answer, "not_looked_at") - unread;
    if (older > 0) {
      out.printf("%d older records were not looked at; requeue and drop reach them.%n", older);
    }
  }

  /** Asks until the broker has read all that it keeps, or for some seconds. */
  private static Map<String, Object> read(
      BrokerLink broker, String path, Map<String, ? extends @Nullable Object> query) {
    Map<String, Object> answer = broker.get(path, query);
    for (int look = 1; look < MOST_LOOKS && Answer.number(answer, TO_BE_READ) > 0; look++) {
      answer = broker.get(path, query);
    }
    return answer;
  }

  private static boolean isPlace(String named) {
    return PLACE.matcher(named).matches();
  }

  /** Where a dead letter lies that is named by its place, or by the id of its task. */
  private static Object placeOf(String named, BrokerLink broker) {
    return isPlace(named)
        ? named
        : broker.get(LETTER, Map.of("id", named)).getOrDefault("place", "");
  }

  private static void printRun(Map<String, Object> run, PrintWriter out) {
    if (run.isEmpty()) {
      out.println("There has been no run.");
      return;
    }
    out.printf(
        "%s, by %s: %s, %d handled, %d refused, heard of at %s%s%n",
        run.get("kind"),
        OneLine.of(String.valueOf(run.get("by"))),
        run.get("status"),
        Answer.number(run, "handled"),
        Answer.number(run, "refused"),
        run.get("at"),
        "".equals(run.get("words")) ? "" : ": " + OneLine.of(String.valueOf(run.get("words"))));
  }

  // ---------------------------------------------------------------- looks

  /** Counts. */
  @Command(
      name = "groups",
      mixinStandardHelpOptions = true,
      description = "Counts open dead letters by task and cause. Exits 1 if there are none.")
  static final class Groups extends Question {
    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return read(broker, PATH + "/groups", Map.of());
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      Table table = new Table("application", "namespace", "task", "open", "last", "cause");
      for (Map<String, Object> group : Answer.list(answer, "groups")) {
        table.row(
            group.get("application"),
            group.get("namespace"),
            group.getOrDefault("task", "(no task)"),
            group.get("open"),
            group.get("last"),
            group.get("cause"));
      }
      if (table.isEmpty()) {
        out.printf(
            "No dead letter is open in %s.%n", OneLine.of(String.valueOf(answer.get("topic"))));
      } else {
        table.print(out);
      }
      printOlder(answer, out);
      if (answer.containsKey("run")) {
        printRun(Answer.object(answer, "run"), out);
      }
    }

    @Override
    int code(Map<String, Object> answer) {
      return Answer.number(answer, "open") == 0 ? NOTHING : DONE;
    }
  }

  /** Lists. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists dead letters, the newest first. Exits 1 if there are none.")
  static final class Listing extends Question {
    @Mixin private @Nullable Common common;

    @Option(names = "--handled", description = "Those that were requeued or dropped.")
    private boolean handled;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description = "Most letters. Default: ${DEFAULT-VALUE}")
    private int limit;

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      if (limit < 1) {
        throw new ParameterException(command().commandLine(), "--limit must be at least 1.");
      }
      Map<String, Object> query = new LinkedHashMap<>(common == null ? Map.of() : common.filter());
      query.put("state", handled ? "handled" : "open");
      List<Map<String, Object>> letters = new ArrayList<>();
      Map<String, Object> piece;
      do {
        query.put("limit", Math.min(PIECE, limit - letters.size()));
        piece = read(broker, PATH, query);
        letters.addAll(Answer.list(piece, "letters"));
        query.put("after", piece.get("next"));
      } while (piece.get("next") != null && letters.size() < limit);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("letters", letters);
      answer.put("more", piece.get("next") != null);
      answer.put("not_looked_at", Answer.number(piece, "not_looked_at"));
      answer.put(TO_BE_READ, Answer.number(piece, TO_BE_READ));
      return answer;
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      Table table = new Table("place", "at", "application", "task", "id", "why");
      for (Map<String, Object> letter : Answer.list(answer, "letters")) {
        table.row(
            letter.get("place"),
            letter.get("at"),
            letter.get("application"),
            letter.get("task"),
            letter.get("id"),
            letter.get("why"));
      }
      if (table.isEmpty()) {
        out.println("No dead letter matches.");
      } else {
        table.print(out);
      }
      if (Boolean.TRUE.equals(answer.get("more"))) {
        out.printf("There are more; raise --limit (%d).%n", limit);
      }
      printOlder(answer, out);
    }

    @Override
    int code(Map<String, Object> answer) {
      return Answer.list(answer, "letters").isEmpty() ? NOTHING : DONE;
    }
  }

  /** Shows one. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description =
          "Shows one dead letter: its arguments by kind and length, or with --arguments as they"
              + " are.")
  static final class Show extends Question {
    @Parameters(
        paramLabel = "PLACE",
        description = "PARTITION:OFFSET, as 'list' shows it, or the id of its task.")
    private String place = "";

    @Mixin private Unmasking unmasking = new Unmasking();

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return unmasking.isWanted()
          ? broker.post(LETTER, unmasking.order("place", placeOf(place, broker)))
          : broker.get(LETTER, Map.of(isPlace(place) ? "place" : "id", place));
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      Map<String, Object> facts = new LinkedHashMap<>(answer);
      facts.remove("headers");
      facts.remove("contents");
      // Nobody has written down whether a handled one was requeued or dropped.
      boolean isHandled = Boolean.TRUE.equals(answer.get("handled"));
      String when = isHandled ? "if it was requeued" : "once requeued";
      move(facts, "target", when + ", goes to");
      move(facts, "new_id", when + ", new id");
      Facts.print(facts, out);
      out.println();
      Facts.printHeaders(Answer.object(answer, "headers"), out);
      Facts.printContents(Answer.object(answer, "contents"), Unmasking.OPTION, out);
    }

    private static void move(Map<String, Object> facts, String name, String words) {
      Object value = facts.remove(name);
      if (value != null) {
        facts.put(words, value);
      }
    }
  }

  // ---------------------------------------------------------------- orders

  /** Requeues or drops. */
  abstract static class Handling extends Question {
    @Parameters(
        paramLabel = "PLACE",
        arity = "0..*",
        description = "Which: PARTITION:OFFSET, as 'list' shows it, or the id of a task.")
    private List<String> places = List.of();

    @Mixin private @Nullable Common common;

    @Option(names = "--all", description = "All that are open.")
    private boolean all;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
    private @Nullable String reason;

    @Option(names = "--yes", description = "Do it. Without it only their number is told.")
    private boolean yes;

    Map<String, Object> order(BrokerLink broker) {
      Map<String, Object> filter = common == null ? Map.of() : common.filter();
      int ways = (places.isEmpty() ? 0 : 1) + (filter.isEmpty() ? 0 : 1) + (all ? 1 : 0);
      if (ways != 1) {
        throw new ParameterException(
            command().commandLine(),
            "Name places, or say which by --task and the like, or --all; one of these.");
      }
      Map<String, Object> order = new LinkedHashMap<>();
      if (places.isEmpty()) {
        order.put("filter", filter);
      } else {
        order.put("places", places.stream().map(named -> placeOf(named, broker)).toList());
      }
      order.put("dry_run", !yes);
      if (reason != null) {
        order.put("reason", reason);
      }
      return order;
    }

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return broker.post(PATH + "/" + command().name(), order(broker));
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      long open = Answer.number(answer, "open");
      long refused = Answer.number(answer, "refused");
      out.println(
          open == 0
              ? "No dead letter matches, or none of them is open."
              : Plural.of(open, "dead letter matches.", "dead letters match."));
      if (refused > 0) {
        out.printf("%d of them cannot be sent again: 'show' says why.%n", refused);
      }
      printOlder(answer, out);
      boolean isDry = Boolean.TRUE.equals(answer.get("dry_run"));
      for (Map<String, Object> task : Answer.list(answer, "new_tasks")) {
        out.printf(
            "%s %s task %s.%n",
            task.get("place"), isDry ? "would become" : "becomes", task.get("new_id"));
      }
      if (code(answer) == NOTHING) {
        out.println("Nothing was begun. 'list --handled' shows what was sent again or dropped.");
      } else if (isDry) {
        out.println("Nothing was changed. Add --yes to do it.");
      } else {
        printRun(Answer.object(answer, "run"), out);
        out.println("It goes on in the background: 'taskbroker dead-letters run' shows how far.");
      }
    }

    @Override
    int code(Map<String, Object> answer) {
      boolean nothing =
          Answer.number(answer, "open") == Answer.number(answer, "refused")
              && Answer.number(answer, "not_looked_at") == 0;
      return nothing ? NOTHING : DONE;
    }
  }

  /** Sends again. */
  @Command(
      name = "requeue",
      mixinStandardHelpOptions = true,
      description = {
        "Sends dead letters to the topic that they came from, as fresh tasks with new ids. What was"
            + " sent is marked as handled together with its record: nothing is sent twice.",
        "Without --yes it tells how many."
      })
  static final class Requeue extends Handling {
    @Option(
        names = "--rate",
        paramLabel = "N",
        defaultValue = "10",
        description = "Most letters a second. Default: ${DEFAULT-VALUE}")
    private int rate;

    @Option(
        names = "--most",
        paramLabel = "N",
        defaultValue = "0",
        description = "End after so many, such as 1 for a trial. Default: as many as there are.")
    private long most;

    @Override
    Map<String, Object> order(BrokerLink broker) {
      Map<String, Object> order = super.order(broker);
      order.put("rate", rate);
      order.put("most", most);
      return order;
    }
  }

  /** Drops. */
  @Command(
      name = "drop",
      mixinStandardHelpOptions = true,
      description = {
        "Marks dead letters as handled. Their records stay in Kafka until its retention ends.",
        "Without --yes it tells how many."
      })
  static final class Drop extends Handling {}

  /** Tells of the run. */
  @Command(
      name = "run",
      mixinStandardHelpOptions = true,
      description = "Shows how far the run is that was begun last.")
  static final class Run extends Question {
    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return broker.get(PATH + "/run", Map.of());
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      printRun(Answer.object(answer, "run"), out);
    }
  }

  /** Orders about the run. */
  abstract static class OfTheRun extends Question {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
    private @Nullable String reason;

    @Override
    Map<String, Object> ask(BrokerLink broker) {
      return broker.post(
          PATH + "/" + command().name(), reason == null ? Map.of() : Map.of("reason", reason));
    }

    @Override
    void show(Map<String, Object> answer, PrintWriter out) {
      printRun(Answer.object(answer, "run"), out);
    }
  }

  /** Ends it. */
  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Ends the run of this broker. What was sent stays sent.")
  static final class Stop extends OfTheRun {}

  /** Goes on. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description =
          "Goes on with the run that was stopped, has failed, or was left by a broker that is"
              + " gone.")
  static final class Resume extends OfTheRun {}
}
