package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.LetterPosition;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The topic with the marks: one record for each letter that is handled, by the key {@code
 * identity:partition:offset}, and one with the note of the last run. Compacted, so that it holds no
 * more than that. A bit is kept for each mark. Safe for all threads.
 */
final class LetterMarks implements Marks, AutoCloseable {
  static final String NOTE = "run";

  /** Marks of neighbours lie together. */
  private static final int PAGE = 1 << 16;

  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> opening;
  private final TopicPartition only;
  private final Map<Integer, Map<Long, BitSet>> pages = new TreeMap<>();
  private @Nullable Consumer<byte[], byte[]> consumer;
  private String identity = "";
  private String note = "";

  LetterMarks(String topic, Supplier<Consumer<byte[], byte[]>> opening) {
    this.topic = topic;
    this.opening = opening;
    this.only = new TopicPartition(topic, 0);
  }

  String topic() {
    return topic;
  }

  static byte[] key(String identity, LetterPosition at) {
    return "%s:%d:%d".formatted(identity, at.partition(), at.offset()).getBytes(UTF_8);
  }

  /**
   * These marks, as they are in Kafka now.
   *
   * @param current identity of the topic with the letters: marks of another one count for nothing
   */
  synchronized Marks refreshed(String current) {
    Consumer<byte[], byte[]> open = consumer;
    if (open == null || !identity.equals(current)) {
      forget();
      identity = current;
      open = opening.get();
      consumer = open;
    }
    try {
      readOn(open);
    } catch (RuntimeException e) {
      forget(); // half of what there is says nothing
      throw e;
    }
    return this;
  }

  private void forget() {
    pages.clear();
    note = "";
    if (consumer != null) {
      consumer.close(CloseOptions.timeout(KafkaDeadLetters.CLOSING));
      consumer = null;
    }
  }

  private void readOn(Consumer<byte[], byte[]> open) {
    if (open.partitionsFor(topic).isEmpty()) {
      return; // nothing has been handled yet
    }
    if (open.assignment().isEmpty()) {
      open.assign(List.of(only));
      open.seekToBeginning(List.of(only));
    }
    long end = open.endOffsets(List.of(only)).getOrDefault(only, 0L);
    int inVain = 0;
    while (open.position(only) < end) {
      long before = open.position(only);
      open.poll(KafkaDeadLetters.POLL).forEach(this::take);
      inVain = open.position(only) > before ? 0 : inVain + 1;
      if (inVain == KafkaDeadLetters.MOST_POLLS) {
        throw new TimeoutException("the marks did not come");
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    String key = new String(record.key(), UTF_8);
    if (key.equals(NOTE)) {
      note = record.value() == null ? "" : new String(record.value(), UTF_8);
      return;
    }
    String prefix = identity + ":";
    int colon = key.lastIndexOf(':');
    if (!key.startsWith(prefix) || colon <= prefix.length()) {
      return;
    }
    try {
      int partition = Integer.parseInt(key, prefix.length(), colon, 10);
      long offset = Long.parseLong(key, colon + 1, key.length(), 10);
      pages
          .computeIfAbsent(partition, _ -> new TreeMap<>())
          .computeIfAbsent(offset / PAGE, _ -> new BitSet())
          .set((int) (offset % PAGE), record.value() != null);
    } catch (NumberFormatException _) {
      // not one of ours
    }
  }

  @Override
  public synchronized boolean contains(LetterPosition at) {
    Map<Long, BitSet> partition = pages.get(at.partition());
    BitSet page = partition == null ? null : partition.get(at.offset() / PAGE);
    return page != null && page.get((int) (at.offset() % PAGE));
  }

  @Override
  public synchronized Optional<String> note() {
    return note.isEmpty() ? Optional.empty() : Optional.of(note);
  }

  @Override
  public synchronized void close() {
    forget();
  }
}
