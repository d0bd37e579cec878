package io.taskbroker.testkit.topics;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Topics of partitions that keep every record, and how far one consumer group has committed. A
 * topic is there as soon as it is named. Safe for all threads.
 */
public final class InMemoryTopics {
  private final int partitionsPerTopic;
  private final TimeSource time;
  private final Map<String, List<List<SourceRecord>>> topics = new TreeMap<>();
  private final Map<Partition, Long> committed = new HashMap<>();
  private int nextSpread;

  public InMemoryTopics(int partitionsPerTopic, TimeSource time) {
    if (partitionsPerTopic < 1) {
      throw new IllegalArgumentException(
          "a topic has at least 1 partition, was to have " + partitionsPerTopic);
    }
    this.partitionsPerTopic = partitionsPerTopic;
    this.time = time;
  }

  public List<Partition> partitions(String topic) {
    return IntStream.range(0, partitionsPerTopic).mapToObj(p -> new Partition(topic, p)).toList();
  }

  /**
   * Appends a record to one of the topic's partitions.
   *
   * @param key equal keys go to the same partition; null for each in turn
   */
  public synchronized SourceRecord append(
      String topic, @Nullable String key, byte @Nullable [] value, List<Header> headers) {
    int spread = key == null ? nextSpread++ : key.hashCode();
    return append(new Partition(topic, Math.floorMod(spread, partitionsPerTopic)), value, headers);
  }

  /** Appends a record; a null value is a tombstone. */
  public synchronized SourceRecord append(
      Partition partition, byte @Nullable [] value, List<Header> headers) {
    List<SourceRecord> log = log(partition);
    SourceRecord record =
        new SourceRecord(partition, log.size(), time.now().wallMs(), value, List.copyOf(headers));
    log.add(record);
    return record;
  }

  /** All records of a topic, partition by partition. */
  public synchronized List<SourceRecord> records(String topic) {
    return partitions(topic).stream().flatMap(partition -> log(partition).stream()).toList();
  }

  /** The records of a partition from an offset on, at most {@code max}. */
  public synchronized List<SourceRecord> read(Partition partition, long from, int max) {
    List<SourceRecord> log = log(partition);
    int begin = (int) Math.min(from, log.size());
    return List.copyOf(log.subList(begin, Math.min(begin + max, log.size())));
  }

  /** The group's positions where it has any: the offset of the next record. */
  public synchronized Map<Partition, Long> committed() {
    return Map.copyOf(committed);
  }

  /** Commits positions for the group, as a member or a tool would. */
  public synchronized void commit(Map<Partition, Long> positions) {
    committed.putAll(positions);
  }

  private List<SourceRecord> log(Partition partition) {
    List<List<SourceRecord>> logs =
        topics.computeIfAbsent(
            partition.topic(),
            _ -> partitions(partition.topic()).stream().map(InMemoryTopics::emptyLog).toList());
    return logs.get(partition.number());
  }

  private static List<SourceRecord> emptyLog(Partition unused) {
    return new ArrayList<>();
  }
}
