package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.intake.Progress;
import io.taskbroker.application.operations.Explanation;
import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.operations.TopicsInSight;
import io.taskbroker.domain.TimeSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The topics: what Kafka says of them, and how far this broker is with them. */
final class TopicLooks {
  private final Broker broker;
  private final Lately<List<TopicSight>> topics;

  TopicLooks(Broker broker, TopicsInSight topics, TimeSource time) {
    this.broker = broker;
    this.topics = new Lately<>(topics::look, time);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/api/v1/kafka",
            (_, said) -> {
              said.end();
              return view();
            }));
  }

  private Object view() {
    List<TopicSight> seen = topics.value();
    List<Explanation> standing = broker.explanations().standing();
    return Json.object("topics", seen.stream().map(topic -> view(topic, standing)).toList());
  }

  private Map<String, Object> view(TopicSight topic, List<Explanation> standing) {
    Map<Integer, Progress> ours = broker.progress(topic.name());
    return Json.object(
        "topic", topic.name(),
        "use", topic.use().name().toLowerCase(Locale.ROOT),
        "cluster", topic.cluster(),
        "address", topic.address(),
        "group", topic.group(),
        "trouble", topic.trouble(),
        "partitions",
            topic.partitions().stream()
                .map(one -> view(topic, one, ours.get(one.number()), standing))
                .toList());
  }

  private static Map<String, Object> view(
      TopicSight topic,
      PartitionSight partition,
      @Nullable Progress ours,
      List<Explanation> standing) {
    Long committed = ours == null ? partition.committed() : Long.valueOf(ours.committed());
    return Json.object(
        "partition", partition.number(),
        "leader", partition.leader(),
        "first", partition.first(),
        "end", partition.end(),
        "is_ours", ours != null,
        "owner", partition.owner(),
        "read", ours == null ? null : ours.read(),
        "stored", ours == null ? null : ours.stored(),
        "committed", committed,
        "lag", topic.group() == null ? null : lag(partition, committed),
        "held", held(topic, partition, ours, standing).orElse(null));
  }

  /** Records that are to come; where the group has no position yet, all that are there. */
  private static @Nullable Long lag(PartitionSight partition, @Nullable Long committed) {
    Long end = partition.end();
    Long from = committed == null ? partition.first() : committed;
    return end == null || from == null ? null : Long.valueOf(Math.max(0, end - from));
  }

  /**
   * What keeps the group's position where it is; empty if nothing does, or that is not known. A
   * position that is some records behind is not held up: it follows in steps.
   */
  private static Optional<String> held(
      TopicSight topic,
      PartitionSight partition,
      @Nullable Progress ours,
      List<Explanation> standing) {
    if (partition.leader() == null) {
      return Optional.of("no node leads it: nothing of it can be read or written");
    }
    if (ours == null) {
      return Optional.empty();
    }
    String reading =
        "eading of partition %d of topic '%s'".formatted(partition.number(), topic.name());
    Optional<String> stalled =
        why(standing, reading).or(() -> why(standing, "eading of topic '" + topic.name() + "'"));
    if (ours.read() > ours.stored()) {
      return why(standing, "ntake of topic " + topic.name())
          .map(
              reason ->
                  "%d records are read and wait for the store: %s"
                      .formatted(ours.read() - ours.stored(), reason))
          .or(() -> stalled);
    }
    if (ours.stored() > ours.committed()) {
      return stalled.map(
          reason ->
              "%d records are stored, and Kafka has not acknowledged that yet: %s"
                  .formatted(ours.stored() - ours.committed(), reason));
    }
    return stalled;
  }

  /**
   * @param what it is about, without its first letter, which is a capital here and a small one
   *     there
   */
  private static Optional<String> why(List<Explanation> standing, String what) {
    return standing.stream()
        .filter(one -> one.what().length() == what.length() + 1 && one.what().endsWith(what))
        .map(Explanation::why)
        .findFirst();
  }
}
