package io.taskbroker.simulation.world;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Topics, and what is wrong with Kafka. */
final class SimulatedKafka {
  static final String TASKS = "tasks";
  static final String MORE_TASKS = "more-tasks";
  static final String DEAD_LETTERS = "tasks-dlq";

  /** What may be wrong for a while. */
  enum Trouble {
    /** Nobody reaches it. */
    DOWN,
    /** Commits do not arrive. */
    COMMITS_LOST,
    /** Commits arrive, their answers do not. */
    COMMIT_ANSWERS_LOST,
    /** Records do not arrive, and nobody can tell. */
    RECORDS_LOST,
    /** Records arrive, their answers do not. */
    ANSWERS_LOST,
    /** Records of at-least-once tasks arrive a second after their time-out. */
    RECORDS_LATE,
    /** Every record is refused by itself. */
    REFUSES
  }

  private final World world;
  private final InMemoryTopics topics;
  private final Map<Trouble, Long> until = new EnumMap<>(Trouble.class);

  SimulatedKafka(World world, int partitions) {
    this.world = world;
    this.topics = new InMemoryTopics(partitions, world.time());
  }

  void begin(Trouble trouble, long nanos) {
    until.merge(trouble, world.scheduler().nanos() + nanos, Math::max);
  }

  void heal() {
    until.clear();
  }

  boolean is(Trouble trouble) {
    return until.getOrDefault(trouble, 0L) > world.scheduler().nanos();
  }

  /** The topics that the group reads. */
  List<String> consumed() {
    return world.setup().topics() == 1 ? List.of(TASKS) : List.of(TASKS, MORE_TASKS);
  }

  List<Partition> partitions(String topic) {
    return topics.partitions(topic);
  }

  SourceRecord append(
      String topic,
      @Nullable String key,
      byte @Nullable [] value,
      List<SourceRecord.Header> headers) {
    SourceRecord record = topics.append(topic, key, value, headers);
    world.ledger().topics().appended(record);
    return record;
  }

  SourceRecord append(String topic, OutgoingRecord record) {
    List<SourceRecord.Header> headers = new ArrayList<>();
    record.headers().forEach((name, value) -> headers.add(new SourceRecord.Header(name, value)));
    return append(topic, record.partitionKey(), record.value(), headers);
  }

  List<SourceRecord> read(Partition partition, long from, int max) {
    return topics.read(partition, from, max);
  }

  long end(Partition partition) {
    return topics.read(partition, 0, Integer.MAX_VALUE).size();
  }

  /** Where the group stands; 0 where it has committed nothing. */
  long committed(Partition partition) {
    return topics.committed().getOrDefault(partition, 0L);
  }

  /**
   * A broker moves the group.
   *
   * @param read how far it has read each partition of its share
   */
  void commit(String broker, Map<Partition, Long> read, Map<Partition, Long> positions) {
    positions.forEach(
        (partition, position) -> {
          CommitLedger ledger = world.ledger().commits();
          ledger.judgePlace(broker, partition, read.get(partition), position);
          ledger.judge(broker, partition, committed(partition), position);
        });
    topics.commit(positions);
  }

  /** Whether the group has read all there is. */
  boolean isReadToTheEnd() {
    return consumed().stream()
        .flatMap(topic -> partitions(topic).stream())
        .allMatch(one -> committed(one) == end(one));
  }
}
