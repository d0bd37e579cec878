package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code taskbroker kafka}: how far the topics are read. */
@Command(
    name = "kafka",
    mixinStandardHelpOptions = true,
    description = {
      "Shows each partition of the topics that the broker reads and writes: who leads and who"
          + " reads",
      "it, how far it is read and committed, what is to come, and what holds it up."
    })
public final class KafkaCommand extends Question {
  @Override
  Map<String, Object> ask(BrokerLink broker) {
    return broker.get("/api/v1/kafka", Map.of());
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    Table table =
        new Table("topic", "partition", "end", "read", "stored", "committed", "to come", "read by");
    List<String> remarks = new ArrayList<>();
    for (Map<String, Object> topic : Answer.list(answer, "topics")) {
      if (topic.get("trouble") != null) {
        remarks.add("%s: %s.".formatted(topic.get("topic"), topic.get("trouble")));
      }
      for (Map<String, Object> one : Answer.list(topic, "partitions")) {
        table.rowOf(
            topic,
            topic.get("topic"),
            one.get("partition"),
            one.get("end"),
            one.get("read"),
            one.get("stored"),
            one.get("committed"),
            one.get("lag"),
            Boolean.TRUE.equals(one.get("is_ours")) ? "this broker" : one.get("owner"));
        if (one.get("held") != null) {
          remarks.add(
              "%s, partition %s: %s."
                  .formatted(topic.get("topic"), one.get("partition"), one.get("held")));
        }
      }
    }
    if (!table.isEmpty()) {
      table.print(out);
    }
    remarks.forEach(remark -> out.println(OneLine.of(remark)));
  }
}
