package io.taskbroker.simulation.world;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.Publisher.Fate.Acknowledged;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What comes into the topics of Kafka and out of them, and whether it may. */
final class TopicLedger {
  private final World world;
  private final Ledger ledger;
  private final Fates fates;

  /** Facts that are older than this are in the file, or no partition is given up. */
  private static final long FACT_NANOS = 1_000_000_000;

  /** What each process has had acknowledged, with how often its server had crashed before. */
  private final Map<Life, Map<String, Integer>> acknowledged = new HashMap<>();

  /** When that was, by the id of the row that has left, for retries and dead letters each. */
  private final Map<Life, Map<Left, Acknowledgement>> left = new HashMap<>();

  private record Left(String id, String topic) {}

  private record Acknowledgement(PlainTask task, long nanos, int crashes) {}

  TopicLedger(World world, Ledger ledger, Fates fates) {
    this.world = world;
    this.ledger = ledger;
    this.fates = fates;
  }

  void appended(SourceRecord record) {
    String root = world.names().rootOf(source(record).value());
    Fate fate = fates.of(root);
    switch (record.partition().topic()) {
      case SimulatedKafka.TASKS, SimulatedKafka.MORE_TASKS -> appendedTask(record, root, fate);
      case SimulatedKafka.DEAD_LETTERS -> appendedDeadLetter(record, root, fate);
      default -> {
        world.history().say("kafka", "demoted: %s", root);
        if (fate != null) {
          fate.demotions++;
          fate.untoldDemotions++;
        }
      }
    }
  }

  private void appendedTask(SourceRecord record, String root, @Nullable Fate fate) {
    byte[] value = record.value();
    if (fate == null || value == null) {
      return;
    }
    int attempt = PlainTask.decode(value).orElseThrow().attempts();
    fate.records.merge(attempt, 1, Integer::sum);
    world
        .history()
        .say(
            "kafka",
            "%s@%d is %s%s",
            record.partition(),
            record.offset(),
            root,
            attempt == 0 ? "" : ", retry " + attempt);
  }

  private void appendedDeadLetter(SourceRecord record, String root, @Nullable Fate fate) {
    world.history().say("kafka", "dead letter of %s", root);
    fates.buriedBad(root);
    if (fate == null) {
      return;
    }
    fate.deadLetters++;
    judgeDeadLetter(fate);
    byte[] value = record.value();
    PlainTask.decode(value == null ? new byte[0] : value)
        .ifPresent(task -> ledger.hands().leftReports().judgeDeadLetter(fate, task));
    if (value != null && value.length == 0) { // no topic here refuses a record for its size
      ledger.violated(Kind.LOST, "the dead letter of " + root + " has no content");
    }
  }

  /** The record that a letter without content tells of, by its headers; else the record itself. */
  private SourceRecord source(SourceRecord record) {
    byte[] value = record.value();
    if (value == null || value.length > 0) {
      return record;
    }
    Map<String, String> headers = new TreeMap<>();
    for (SourceRecord.Header header : record.headers()) {
      byte[] bytes = header.value();
      headers.put(header.name(), bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8));
    }
    String topic = headers.get(DeadLetterHeaders.SOURCE_TOPIC);
    String number = headers.get(DeadLetterHeaders.SOURCE_PARTITION);
    String offset = headers.get(DeadLetterHeaders.SOURCE_OFFSET);
    return topic == null || number == null || offset == null
        ? record
        : world
            .kafka()
            .read(new Partition(topic, Integer.parseInt(number)), Long.parseLong(offset), 1)
            .getFirst();
  }

  private void judgeDeadLetter(Fate fate) {
    boolean explained =
        fate.failureReported
            || fate.wasHanded()
            || fate.uncertain
            || (fate.spec.atMostOnce() && fate.untoldDemotions > 0)
            || fate.brokenDeliveries >= SimulatedProcess.MOST_ATTEMPTS
            || fates.isFaulty(fate)
            || fates.isDisturbed();
    if (!explained) {
      ledger.violated(
          Kind.BURIED_ALIVE,
          fate.spec.root() + " is dead-lettered, and nobody has had it or was to have it");
    }
  }

  void delivered(String broker, List<SourceRecord> records) {
    for (SourceRecord record : records) {
      world
          .history()
          .say(
              broker,
              "reads %s@%d (%s)",
              record.partition(),
              record.offset(),
              world.names().rootOf(record.value()));
    }
  }

  /**
   * A broker has published a record.
   *
   * @param known how many crashes of the server it knew of when it began
   */
  void published(
      Life life,
      String broker,
      String topic,
      OutgoingRecord record,
      Publisher.Fate fate,
      int known) {
    PlainTask task = PlainTask.decode(record.value()).orElse(null);
    String name = task == null ? world.names().rootOf(record.value()) : world.names().attempt(task);
    world
        .history()
        .say(broker, "publishes %s to %s: %s", name, topic, fate.getClass().getSimpleName());
    Map<String, Integer> before = acknowledged.computeIfAbsent(life, _ -> new HashMap<>());
    String key = topic + " " + (task == null ? name : task.id());
    Integer crashes = before.get(key);
    if (crashes != null
        && task != null
        && isSingle(task, topic)
        && !world.lostGroups().hasChanged(idOfSource(task, topic), crashes)) {
      ledger.violated(
          Kind.PUBLISHED_TWICE,
          broker + " publishes " + name + " to " + topic + " again, which Kafka had acknowledged");
    }
    if (fate instanceof Acknowledged) {
      before.put(key, known);
      if (task != null) {
        left.computeIfAbsent(life, _ -> new HashMap<>())
            .put(
                new Left(idOfSource(task, topic), topic),
                new Acknowledgement(task, life.nanos(), known));
      }
    }
    Fate ofTask = fates.of(world.names().rootOf(record.value()));
    if (ofTask != null && fate instanceof Acknowledged) {
      ofTask.untoldDemotions -= isOfDemoted(topic) ? 1 : 0;
    } else if (ofTask != null) {
      ofTask.uncertain = true;
    }
  }

  /**
   * A broker gives up partitions. Whoever has them next publishes what their rows say is to leave,
   * unless a report waits that says otherwise.
   *
   * @param rows of all partitions
   */
  void gaveUp(
      Life life,
      String broker,
      Collection<Partition> partitions,
      Collection<StoredActivation> rows) {
    Map<Left, Acknowledgement> mine = left.getOrDefault(life, Map.of());
    if (partitions.isEmpty() || mine.isEmpty()) {
      return;
    }
    for (StoredActivation row : rows) {
      if (partitions.contains(row.activation().partition())) {
        judgeGivenUp(broker, row, mine);
      }
    }
  }

  private void judgeGivenUp(
      String broker, StoredActivation row, Map<Left, Acknowledgement> acknowledgements) {
    String id = row.activation().id();
    String topic =
        switch (row.state()) {
          case ActivationState.AwaitingRetry _ -> SimulatedKafka.TASKS;
          case ActivationState.Failed _ -> SimulatedKafka.DEAD_LETTERS;
          case ActivationState.Pending _,
              ActivationState.Delayed _,
              ActivationState.Claimed _,
              ActivationState.Processing _,
              ActivationState.Completed _ ->
              "";
        };
    Acknowledgement before = acknowledgements.get(new Left(id, topic));
    if (before != null
        && world.scheduler().nanos() - before.nanos() > FACT_NANOS
        && isSingle(before.task(), topic)
        && !ledger.isRequeued(id)
        && !isSaid(id)
        && !world.lostGroups().hasChanged(id, before.crashes())) {
      ledger.violated(
          Kind.PUBLISHED_TWICE,
          "%s gives up %s, where %s is to leave for %s still, which Kafka had acknowledged"
              .formatted(
                  broker,
                  row.activation().partition(),
                  world.names().attempt(before.task()),
                  topic));
    }
  }

  private boolean isSaid(String id) {
    InMemorySpace space = world.space();
    return space != null
        && space.reports().stream()
            .map(Elsewhere.Left::report)
            .anyMatch(
                report ->
                    report.id().equals(id) && report.word() instanceof Elsewhere.Word.Published);
  }

  /** Whether the row that leaves can only have come from one record. */
  private boolean isSingle(PlainTask task, String topic) {
    Fate fate = fates.of(world.names().rootOf(task));
    int source = attemptOfSource(task, topic);
    return fate != null && !fates.isFaulty(fate) && fate.records.getOrDefault(source, 0) <= 1;
  }

  private static boolean isOfDemoted(String topic) {
    return switch (topic) {
      case SimulatedKafka.TASKS, SimulatedKafka.MORE_TASKS, SimulatedKafka.DEAD_LETTERS -> false;
      default -> true;
    };
  }

  /** Which attempt the row is that leaves as this record. */
  private static int attemptOfSource(PlainTask task, String topic) {
    return topic.equals(SimulatedKafka.TASKS) ? task.attempts() - 1 : task.attempts();
  }

  private String idOfSource(PlainTask task, String topic) {
    return world.names().idOf(world.names().rootOf(task), attemptOfSource(task, topic));
  }
}
