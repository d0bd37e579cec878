package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker audit}: what was ordered. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the last orders that were given to this broker since it started, the newest first.",
      "Its log has all of them, under taskbroker::audit."
    })
public final class AuditCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/audit", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table = new Table("at", "who", "order", "because", "result");
    for (Map<String, Object> entry : Answer.list(answer, "audit")) {
      table.rowOf(
          entry,
          entry.get("at"),
          entry.get("actor"),
          entry.get("order"),
          entry.get("reason"),
          entry.get("result"));
    }
    if (table.isEmpty()) {
      out.println(
          "Nothing was ordered of this process since it started. Its log has what was ordered"
              + " before, under taskbroker::audit.");
    } else {
      table.print(out);
    }
  }
}
