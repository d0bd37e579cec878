package io.taskbroker.bootstrap.operator;

import io.taskbroker.application.Elapsed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker status}: how the broker is. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Shows how a running broker is. Exits 1 if it is not ready.")
public final class StatusCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/status", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    boolean ready = isReady(answer);
    List<Map<String, Object>> brokers = Answer.list(answer, "brokers");
    if (!brokers.isEmpty()) {
      print(brokers, out);
    }
    out.printf(
        "taskbroker %s: %s%n%n",
        answer.get("version"), ready ? "ready" : "not ready, " + answer.get("why_not_ready"));
    Map<String, Object> tasks = Answer.object(answer, "tasks");
    Table table = new Table("state", "tasks");
    for (String state :
        new String[] {"pending", "delayed", "claimed", "processing", "retry", "failed", "parked"}) {
      table.row(state, tasks.get(state));
    }
    table.print(out);
    out.printf(
        "%nThe oldest that no worker has had waits for %s. The store has %d bytes, its log"
            + " %d.%n",
        Elapsed.text(Duration.ofMillis(Answer.number(tasks, "oldest_pending_ms"))),
        Answer.number(tasks, "store_bytes"),
        Answer.number(tasks, "log_bytes"));
    DrainCommand.print(answer, out);
    WhyCommand.print(Answer.list(answer, "stalled"), out);
    PauseCommand.print(Answer.list(answer, "pauses"), out);
  }

  /** Each of several brokers, one that is away included. */
  private static void print(List<Map<String, Object>> brokers, PrintWriter out) {
    Table table = new Table("state", "pending", "processing", "oldest ms", "version");
    for (Map<String, Object> broker : brokers) {
      Map<String, Object> tasks = Answer.object(broker, "tasks");
      boolean answers = broker.get("tasks") != null;
      table.rowOf(
          broker,
          !answers ? "no answer" : isReady(broker) ? "ready" : "not ready",
          tasks.get("pending"),
          tasks.get("processing"),
          tasks.get("oldest_pending_ms"),
          broker.get("version"));
    }
    table.print(out);
    out.println();
  }

  private static boolean isReady(Map<String, Object> answer) {
    return Boolean.TRUE.equals(answer.get("ready"));
  }

  @Override
  int code(Map<String, Object> answer) {
    return isReady(answer) ? DONE : NOTHING;
  }
}
