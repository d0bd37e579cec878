package io.taskbroker.testkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterTopic;
import io.taskbroker.application.letters.DeadLetterTopic.Hand;
import io.taskbroker.application.letters.DeadLetterTopic.Handling;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Resent;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.application.letters.LetterException;
import io.taskbroker.application.letters.LetterPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Extend this once for each kind of dead-letter topic, and add nothing. */
public abstract class DeadLetterTopicContract {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  /** A minute's worth, and more on a busy machine. */
  private static final int MOST_LOOKS = 6_000;

  /** The topic as a broker sees it; each call is another broker. Empty at the first call. */
  protected abstract DeadLetterTopic open();

  /** Somebody writes a dead letter to this partition, 0 or 1. */
  protected abstract void append(int partition, String text, Header... headers);

  /** What has been sent to the topic {@link #target}, for readers who see no open transaction. */
  protected abstract List<String> sent();

  /** A topic that is there, to which letters are sent. */
  protected abstract String target();

  private Handling again(int partition, long offset, String text) {
    return new Handling(
        new LetterPosition(partition, offset),
        new Resent(target(), text.getBytes(UTF_8), List.of(new Header("from", new byte[1]))));
  }

  private static List<String> texts(List<SourceRecord> records) {
    return records.stream()
        .map(record -> new String(Objects.requireNonNull(record.value()), UTF_8))
        .toList();
  }

  private static void await(String what, BooleanSupplier isSo) {
    for (int look = 0; !isSo.getAsBoolean(); look++) {
      if (look == MOST_LOOKS) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  @Test
  final void reading_findsRecordsInTheirOrder_fromAnyPlace() {
    for (int i = 0; i < 3; i++) {
      append(0, "a" + i);
    }
    append(1, "b0", new Header("why", "because".getBytes(UTF_8)));
    try (DeadLetterTopic topic = open();
        Reading reading = topic.reading()) {
      assertThat(topic.extent().partitions())
          .containsEntry(0, new Span(0, 3))
          .containsEntry(1, new Span(0, 1));
      assertThat(texts(reading.read(0, 0, 2))).containsExactly("a0", "a1");
      assertThat(texts(reading.read(0, 2, 3))).containsExactly("a2");
      assertThat(texts(reading.read(0, 1, 2))).containsExactly("a1");
      SourceRecord other = reading.read(1, 0, 1).getFirst();
      assertThat(other.headers()).extracting(Header::name).containsExactly("why");
      assertThat(reading.read(0, 3, 3)).isEmpty();
    }
  }

  @Test
  final void handling_sendsAndMarksTogether_forAllWhoLook() {
    append(0, "a");
    append(0, "b");
    try (DeadLetterTopic topic = open();
        DeadLetterTopic other = open()) {
      assertThat(topic.marks().note()).isEmpty();
      try (Hand hand = topic.take()) {
        hand.handle(
            List.of(again(0, 0, "A"), new Handling(new LetterPosition(0, 1), null)), "two\ndone");
      }
      assertThat(sent()).containsExactly("A");
      for (DeadLetterTopic each : List.of(topic, other)) {
        // Whoever has not taken the topic may see them a moment later.
        await("the marks", () -> each.marks().contains(new LetterPosition(0, 0)));
        assertThat(each.marks().contains(new LetterPosition(0, 1))).isTrue();
        assertThat(each.marks().contains(new LetterPosition(0, 2))).isFalse();
        assertThat(each.marks().note()).contains("two\ndone");
      }
    }
  }

  @Test
  final void whoeverTakesTheTopic_endsWhatOthersHaveUnderWay() {
    append(0, "a");
    append(0, "b");
    try (DeadLetterTopic mine = open();
        DeadLetterTopic other = open()) {
      Hand first = mine.take();
      first.handle(List.of(again(0, 0, "A")), "first");
      Hand second = other.take();

      assertThatThrownBy(() -> first.handle(List.of(again(0, 1, "late")), "first"))
          .isInstanceOf(LetterException.TakenOver.class);

      assertThat(other.marks().contains(new LetterPosition(0, 0))).isTrue();
      assertThat(other.marks().contains(new LetterPosition(0, 1))).isFalse();
      second.handle(List.of(again(0, 1, "B")), "second");
      List<String> all = new ArrayList<>(sent());
      assertThat(all).containsExactlyInAnyOrder("A", "B");
      first.close();
      second.close();
    }
  }
}
