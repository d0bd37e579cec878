package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code taskbroker drain}: empties a broker, and says how far that is. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = {
      "Has a broker take nothing in and serve what it holds to the end, for example before a deploy."
          + " It leaves its consumer groups, and stays drained over a restart, until --end.",
      "Without --yes it says what is stored, or how far a drain is that has been ordered before."
    })
public final class DrainCommand extends Question {
  private static final Duration LOOK = Duration.ofMillis(500);

  @Option(names = "--yes", description = "Do it.")
  private boolean yes;

  @Option(
      names = "--exit-when-empty",
      description = {
        "The process ends with exit status 0 once nothing is left, and the order with it: the next"
            + " start takes tasks in."
      })
  private boolean exitWhenEmpty;

  @Option(
      names = "--wait-seconds",
      paramLabel = "N",
      defaultValue = "0",
      description = "Waits for it to be empty. Exits 1 if it is not by then.")
  private long waitSeconds;

  @Option(
      names = "--end",
      description = "Ends the drain: tasks are taken in again. Exits 1 if there is none.")
  private boolean end;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the others.")
  private @Nullable String reason;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    check();
    if (end) {
      return broker.post("/api/v1/drain/end", order());
    }
    if (yes) {
      Map<String, Object> order = order();
      order.put("exit_when_empty", exitWhenEmpty);
      return waited(broker, Map.of("drain", broker.post("/api/v1/drain", order)));
    }
    Map<String, Object> answer = broker.get("/api/v1/drain", Map.of());
    if (answer.containsKey("drain")) {
      return waited(broker, answer);
    }
    Map<String, Object> status = broker.get("/api/v1/status", Map.of());
    return Map.of("dry_run", true, "tasks", Answer.object(status, "tasks"));
  }

  private void check() {
    if (end && (yes || exitWhenEmpty || waitSeconds != 0)) {
      throw wrong("--end goes with --reason only.");
    }
    if (exitWhenEmpty && !yes) {
      throw wrong("--exit-when-empty goes with --yes.");
    }
    if (exitWhenEmpty && waitSeconds != 0) {
      throw wrong("--exit-when-empty ends the broker that --wait-seconds would ask.");
    }
    if (waitSeconds < 0) {
      throw wrong("--wait-seconds must not be negative.");
    }
  }

  private ParameterException wrong(String words) {
    return new ParameterException(command().commandLine(), words);
  }

  private Map<String, Object> order() {
    Map<String, Object> order = new LinkedHashMap<>();
    if (reason != null) {
      order.put("reason", reason);
    }
    return order;
  }

  /** The answer once it is empty, or the drain is ended, or the time is over. */
  private Map<String, Object> waited(BrokerLink broker, Map<String, Object> first) {
    long endNanos = System.nanoTime() + Duration.ofSeconds(waitSeconds).toNanos();
    Map<String, Object> answer = first;
    while (answer.containsKey("drain") && !isEmpty(answer) && System.nanoTime() < endNanos) {
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Refused("interrupted while the broker drained");
      }
      answer = broker.get("/api/v1/drain", Map.of());
    }
    return answer;
  }

  /** Whether all are that were asked; one that does not drain, or does not answer, is not. */
  private static boolean isEmpty(Map<String, Object> answer) {
    return drains(answer).stream().allMatch(DrainCommand::isDrained);
  }

  private static boolean isDrained(Map<String, Object> drain) {
    return Boolean.TRUE.equals(drain.get("is_empty"));
  }

  /** The drain of each broker that was asked; empty for one that has none. */
  private static List<Map<String, Object>> drains(Map<String, Object> answer) {
    List<Map<String, Object>> brokers = Answer.list(answer, "brokers");
    return (brokers.isEmpty() ? List.of(answer) : brokers)
        .stream().map(DrainCommand::ofBroker).toList();
  }

  private static Map<String, Object> ofBroker(Map<String, Object> answer) {
    Map<String, Object> drain = new LinkedHashMap<>(Answer.object(answer, "drain"));
    if (!drain.isEmpty() && answer.get("broker") != null) {
      drain.put("broker", answer.get("broker"));
    }
    return drain;
  }

  @Override
  int code(Map<String, Object> answer) {
    return waitSeconds > 0 && !isEmpty(answer) ? NOTHING : DONE;
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    if (answer.containsKey("ended")) {
      out.println("The drain has ended. Tasks are taken in again.");
    } else if (answer.containsKey("dry_run")) {
      Map<String, Object> tasks = Answer.object(answer, "tasks");
      out.printf(
          "This broker does not drain. %s in it, %s with workers, %s delayed, %s to leave through"
              + " Kafka, %s parked. Add --yes to take in no more.%n",
          Plural.of(Answer.number(tasks, "pending"), "task waits", "tasks wait"),
          are(Answer.number(tasks, "claimed") + Answer.number(tasks, "processing")),
          are(Answer.number(tasks, "delayed")),
          Plural.of(Answer.number(tasks, "to_publish"), "has", "have"),
          are(Answer.number(tasks, "parked")));
    } else if (!answer.containsKey("drain")) {
      out.println("The drain was ended meanwhile.");
    }
    print(answer, out);
  }

  private static String are(long tasks) {
    return Plural.of(tasks, "is", "are");
  }

  /** What an answer with the member {@code drain} says of it; nothing if it has none. */
  static void print(Map<String, Object> answer, PrintWriter out) {
    drains(answer).stream().filter(drain -> !drain.isEmpty()).forEach(drain -> line(drain, out));
  }

  private static void line(Map<String, Object> drain, PrintWriter out) {
    String why = said(drain, "reason");
    out.printf(
        "%s%s; ordered by %s at %s%s%s%n",
        Answer.broker(drain),
        isDrained(drain)
            ? "Drained: nothing is stored, and no topic is read"
            : "Draining: " + said(drain, "left"),
        said(drain, "by"),
        drain.get("since"),
        why.isEmpty() ? "" : "; because: " + why,
        Boolean.TRUE.equals(drain.get("exit_when_empty")) ? "; it exits when empty" : "");
  }

  private static String said(Map<String, Object> drain, String name) {
    return OneLine.of(String.valueOf(drain.getOrDefault(name, "")));
  }
}
