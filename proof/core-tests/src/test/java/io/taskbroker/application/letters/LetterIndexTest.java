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
import io.taskbroker.testkit.broker.PlainLetters;
import java.util.ArrayList;
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

  private static SourceRecord record(long offset, List<Header> headers) {
    return new SourceRecord(new Partition("letters", 0), offset, offset, new byte[] {1}, headers);
  }

  private void refresh(long first, long end) {
    index.refresh(
        new Extent("id", Map.of(0, new Span(first, end))),
        new Reading() {
          @Override
          public List<SourceRecord> read(int partition, long from, long to) {
            List<SourceRecord> found = new ArrayList<>();
            kept.subSet(from, to).forEach(offset -> found.add(record(offset, List.of())));
            return found;
          }

          @Override
          public void close() {}
        });
  }

  private List<Long> known() {
    return index.newestFirst().stream().map(letter -> letter.at().offset()).toList();
  }

  @Test
  void whatWasNotLookedAt_isSaid_alsoIfKafkaHasLeftGaps() {
    kept.addAll(List.of(5L, 93L, 97L));

    refresh(0, 100);

    assertThat(known()).containsExactly(97L, 93L);
    assertThat(index.older()).isEqualTo(90);
    Extent extent = new Extent("id", Map.of(0, new Span(2, 100)));
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

    String cause =
        reader
            .read(
                record(0, List.of(new Header(DeadLetterHeaders.LAST_ERROR, said.getBytes(UTF_8)))))
            .cause();

    assertThat(new String(cause.getBytes(UTF_8), UTF_8)).isEqualTo(cause);
  }
}
