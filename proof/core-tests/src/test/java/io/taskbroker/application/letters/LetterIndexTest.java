package io.taskbroker.application.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterTopic.Extent;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.application.letters.DeadLetterTopic.Span;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainLetters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LetterIndexTest {
  private static final int MOST = 10;

  private final LetterReader reader = new LetterReader(new PlainLetters());
  private final LetterIndex index = new LetterIndex(reader, MOST);
  private final TreeSet<Long> kept = new TreeSet<>();
  private final SettableTime time = new SettableTime();
  private int reads;
  private int passingMs;

  private static SourceRecord record(long offset, List<Header> headers) {
    return new SourceRecord(new Partition("letters", 0), offset, offset, new byte[] {1}, headers);
  }

  private void refresh(long first, long end) {
    refresh(index, first, end, Long.MAX_VALUE);
  }

  /** A look that may read some bytes; each letter has one, and one is read at a time. */
  private void refresh(LetterIndex index, long first, long end, long bytes) {
    index.refresh(
        new Extent("id", Map.of(0, new Span(first, end))),
        new Reading() {
          @Override
          public List<SourceRecord> read(int partition, long from, long to) {
            reads++;
            time.advance(Duration.ofMillis(passingMs));
            Long offset = kept.ceiling(from);
            return offset == null || offset >= to ? List.of() : List.of(record(offset, List.of()));
          }

          @Override
          public void close() {}
        },
        new ReadingAllowance(time, Duration.ofSeconds(1), bytes));
  }

  private List<Long> known() {
    return offsets(index);
  }

  @Test
  void whatWasNotLookedAt_isSaid_alsoIfKafkaHasLeftGaps() {
    kept.addAll(List.of(5L, 93L, 97L));

    refresh(0, 100);

    assertThat(known()).containsExactly(97L, 93L);
    assertThat(index.older()).isEqualTo(90);
    Extent extent = extent(2, 100);
    assertThat(index.isOlder(new LetterPosition(0, 89), extent)).isTrue();
    assertThat(index.isOlder(new LetterPosition(0, 90), extent)).as("known to be a gap").isFalse();
    assertThat(index.isOlder(new LetterPosition(0, 1), extent)).as("deleted").isFalse();
    assertThat(index.isOlder(new LetterPosition(1, 5), extent)).as("no such").isFalse();
  }

  @Test
  void lettersThatGiveWayToLaterOnes_areOlder_untilKafkaDeletesThem() {
    for (long offset = 0; offset < 15; offset++) {
      kept.add(offset);
    }
    refresh(0, 8);
    assertThat(index.older()).isZero();

    refresh(0, 15);
    assertThat(known()).hasSize(MOST).endsWith(5L);
    assertThat(index.older()).isEqualTo(5);

    refresh(7, 15);
    assertThat(known()).endsWith(7L);
    assertThat(index.older()).isZero();
  }

  /** Letters of a megabyte each must not keep a page waiting for minutes. */
  @Test
  void aLook_readsNoMoreThanItMay_theNewestFirst_andTheNextOneGoesOn() {
    LetterIndex large = new LetterIndex(reader, 100);
    for (long offset = 0; offset < 200; offset++) {
      kept.add(offset);
    }

    refresh(large, 0, 200, 40);
    assertThat(reads).isEqualTo(40);
    assertThat(offsets(large)).hasSize(32).startsWith(199L).endsWith(168L);
    assertThat(large.unread()).isEqualTo(68);
    assertThat(large.older()).isEqualTo(168);
    assertThat(large.isOlder(new LetterPosition(0, 167), extent(0, 200))).isTrue();
    assertThat(large.isOlder(new LetterPosition(0, 168), extent(0, 200))).isFalse();

    kept.add(200L);
    refresh(large, 0, 201, 40);
    assertThat(offsets(large)).as("what has come is read before what is old").startsWith(200L);
    refresh(large, 0, 201, 40);
    assertThat(large.unread()).isZero();
    assertThat(offsets(large)).hasSize(100).startsWith(200L).endsWith(101L);
    assertThat(reads).as("nothing is read twice").isEqualTo(100);
    assertThat(large.older()).isEqualTo(101);
  }

  @Test
  void aLook_readsSomethingInAnyCase_soThatAllIsKnownInTheEnd() {
    LetterIndex slow = new LetterIndex(reader, 100);
    for (long offset = 0; offset < 5; offset++) {
      kept.add(offset);
    }
    for (int look = 0; look < 5; look++) {
      assertThat(slow.unread()).isEqualTo(look == 0 ? 0 : 5);
      refresh(slow, 0, 5, 0);
    }

    assertThat(offsets(slow)).containsExactly(4L, 3L, 2L, 1L, 0L);
    assertThat(slow.unread()).isZero();
  }

  @Test
  void aLookThatTakesLong_ends() {
    LetterIndex slow = new LetterIndex(reader, 100);
    for (long offset = 0; offset < 100; offset++) {
      kept.add(offset);
    }
    passingMs = 100;

    refresh(slow, 0, 100, Long.MAX_VALUE);

    assertThat(reads).isEqualTo(10);
  }

  @Test
  void whatKafkaDeletesWhileItIsRead_isPassedOver() {
    LetterIndex large = new LetterIndex(reader, 100);
    for (long offset = 0; offset < 100; offset++) {
      kept.add(offset);
    }
    refresh(large, 0, 100, 40); // the block from 4 on is begun

    kept.headSet(50L).clear();
    refresh(large, 50, 100, 40);

    assertThat(offsets(large)).hasSize(50).endsWith(50L);
    assertThat(large.unread()).isZero();
    assertThat(large.older()).isZero();
  }

  private static List<Long> offsets(LetterIndex index) {
    return index.newestFirst().stream().map(letter -> letter.at().offset()).toList();
  }

  private static Extent extent(long first, long end) {
    return new Extent("id", Map.of(0, new Span(first, end)));
  }

  /** Intake sends such records to the topic, and each that is listed is kept in memory. */
  @Test
  void namesThatNoTaskMayHave_areNotKept() {
    String tooLong = "x".repeat(Activation.LONGEST_NAME_BYTES + 1);
    String topic = "x".repeat(250);

    DeadLetter letter =
        new LetterReader(ofNames(new LetterCodec.Names("a", "shop", tooLong, "mail")))
            .read(
                record(
                    0, List.of(new Header(DeadLetterHeaders.SOURCE_TOPIC, topic.getBytes(UTF_8)))));

    assertThat(letter.names()).isNull();
    assertThat(letter.source()).isNull();
    String longest = tooLong.substring(1);
    assertThat(
            new LetterReader(ofNames(new LetterCodec.Names(longest, "shop", "", "mail")))
                .read(record(0, List.of()))
                .names())
        .isNotNull();
  }

  private static LetterCodec ofNames(LetterCodec.Names names) {
    return new LetterCodec() {
      @Override
      public Optional<Names> names(byte[] payload) {
        return Optional.of(names);
      }

      @Override
      public byte[] fresh(byte[] payload, String id, long nowMs) {
        return payload;
      }
    };
  }

  @Test
  void aCause_endsWithAWholeSign() {
    String said = "x".repeat(LetterReader.LONGEST_CAUSE - 1) + "\uD83D\uDE00";

    DeadLetter letter =
        reader.read(
            record(0, List.of(new Header(DeadLetterHeaders.LAST_ERROR, said.getBytes(UTF_8)))));

    assertThat(List.of(letter.why(), letter.cause()))
        .allSatisfy(text -> assertThat(new String(text.getBytes(UTF_8), UTF_8)).isEqualTo(text));
  }
}
