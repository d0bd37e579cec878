package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.application.letters.LetterPosition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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

  /** Marks that are forgotten at a time: a transaction of a second at most. */
  static final int MOST_FORGOTTEN = 10_000;

  private static final Pattern KEY = Pattern.compile("[^:]+:\\d+:\\d+");

  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> opening;
  private final TopicPartition only;
  private final Map<Integer, Map<Long, BitSet>> pages = new TreeMap<>();

  /** Keys of marks of a topic that was deleted, as many as are forgotten at a time. */
  private final Set<String> foreign = new LinkedHashSet<>();

  private @Nullable Consumer<byte[], byte[]> consumer;
  private String identity = "";

  /** Identity of the topic with the marks. */
  private String own = "";

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
   * @param ownNow identity of the topic with the marks: with it, marks are deleted; null if it is
   *     not there
   */
  synchronized Marks refreshed(String current, @Nullable String ownNow) {
    if (ownNow == null) {
      forget();
      return this;
    }
    Consumer<byte[], byte[]> open = consumer;
    if (open == null || !identity.equals(current) || !own.equals(ownNow)) {
      forget();
      identity = current;
      own = ownNow;
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
    foreign.clear();
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
      takeForeign(key, record.value() != null);
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

  private void takeForeign(String key, boolean isMark) {
    if (!isMark) {
      foreign.remove(key);
    } else if (foreign.size() < MOST_FORGOTTEN && KEY.matcher(key).matches()) {
      foreign.add(key);
    }
  }

  /**
   * Keys of marks that say nothing any more: Kafka has deleted their letters, or the whole topic of
   * that time. At most {@link #MOST_FORGOTTEN}.
   *
   * @param spans what each partition holds now
   */
  synchronized List<byte[]> idle(Map<Integer, Span> spans) {
    List<byte[]> keys = new ArrayList<>();
    foreign.forEach(key -> keys.add(key.getBytes(UTF_8)));
    pages.forEach(
        (partition, marked) -> {
          Span span = spans.get(partition);
          if (span != null) {
            addBefore(span.first(), partition, marked, keys);
          }
        });
    return keys;
  }

  private void addBefore(long first, int partition, Map<Long, BitSet> marked, List<byte[]> keys) {
    marked.forEach(
        (page, bits) -> {
          for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
            long offset = page * PAGE + bit;
            if (offset >= first || keys.size() >= MOST_FORGOTTEN) {
              return;
            }
            keys.add(key(identity, new LetterPosition(partition, offset)));
          }
        });
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
