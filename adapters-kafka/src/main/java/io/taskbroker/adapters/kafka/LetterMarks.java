package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.letters.DeadLetterTopic.Marks;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.application.letters.LetterPosition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
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

  private static final Pattern KEY = Pattern.compile("([^:]+):(\\d{1,9}):(\\d{1,18})");

  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> opening;
  private final TopicPartition only;

  /** Of each topic with letters that there was, by its identity, partition and page. */
  private final Map<String, Map<Integer, Map<Long, BitSet>>> marked = new TreeMap<>();

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
    identity = current;
    if (open == null || !own.equals(ownNow)) {
      forget();
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
    marked.clear();
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
    Matcher mark = KEY.matcher(key);
    if (mark.matches()) { // or it is not one of ours
      long offset = Long.parseLong(mark.group(3));
      marked
          .computeIfAbsent(mark.group(1), _ -> new TreeMap<>())
          .computeIfAbsent(Integer.valueOf(mark.group(2)), _ -> new TreeMap<>())
          .computeIfAbsent(offset / PAGE, _ -> new BitSet())
          .set((int) (offset % PAGE), record.value() != null);
    }
  }

  /**
   * Takes keys of marks that say nothing any more: Kafka has deleted their letters, or the whole
   * topic of that time. At most {@link #MOST_FORGOTTEN}; the next call gives others. Whoever cannot
   * remove them closes these marks, which are read anew then.
   *
   * @param spans what each partition holds now
   */
  synchronized List<byte[]> takeIdle(Map<Integer, Span> spans) {
    List<byte[]> keys = new ArrayList<>();
    marked.forEach(
        (of, partitions) ->
            partitions.forEach(
                (partition, pages) -> {
                  Span span = spans.get(partition);
                  if (!of.equals(identity)) {
                    takeBefore(Long.MAX_VALUE, of, partition, pages, keys);
                  } else if (span != null) {
                    takeBefore(span.first(), of, partition, pages, keys);
                  }
                }));
    return keys;
  }

  private static void takeBefore(
      long first, String of, int partition, Map<Long, BitSet> pages, List<byte[]> keys) {
    pages.values().removeIf(BitSet::isEmpty);
    pages.forEach(
        (page, bits) -> {
          for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
            long offset = page * PAGE + bit;
            if (offset >= first || keys.size() >= MOST_FORGOTTEN) {
              return;
            }
            keys.add(key(of, new LetterPosition(partition, offset)));
            bits.clear(bit);
          }
        });
  }

  @Override
  public synchronized boolean contains(LetterPosition at) {
    Map<Long, BitSet> partition = marked.getOrDefault(identity, Map.of()).get(at.partition());
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
