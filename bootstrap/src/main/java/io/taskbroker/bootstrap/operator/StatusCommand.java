package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
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
        "%nThe oldest that no worker has had waits for %d ms. The store has %d bytes, its log %d.%n",
        Answer.number(tasks, "oldest_pending_ms"),
        Answer.number(tasks, "store_bytes"),
        Answer.number(tasks, "log_bytes"));
    WhyCommand.print(Answer.list(answer, "stalled"), out);
    PauseCommand.print(Answer.list(answer, "pauses"), out);
  }

  private static boolean isReady(Map<String, Object> answer) {
    return Boolean.TRUE.equals(answer.get("ready"));
  }

  @Override
  int code(Map<String, Object> answer) {
    return isReady(answer) ? DONE : NOTHING;
  }
}
