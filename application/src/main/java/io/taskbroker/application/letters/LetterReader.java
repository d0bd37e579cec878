package io.taskbroker.application.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Activation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the records of the dead-letter topic. Safe for all threads. */
final class LetterReader {
  /** Of a cause, in characters; errors tell the kind first. */
  static final int LONGEST_CAUSE = 200;

  /** Kafka has none with a longer name. */
  private static final int LONGEST_TOPIC = 249;

  private final LetterCodec codec;

  LetterReader(LetterCodec codec) {
    this.codec = codec;
  }

  DeadLetter read(SourceRecord record) {
    Map<String, String> headers = headers(record);
    String why = why(headers);
    byte[] value = record.value();
    return new DeadLetter(
        new LetterPosition(record.partition().number(), record.offset()),
        record.timestampMs(),
        value == null ? null : codec.names(value).filter(LetterReader::areNames).orElse(null),
        cut(why),
        cut(why.replaceAll("[0-9]+", "#")),
        source(headers));
  }

  /** Longer ones are no task's, as intake says, and the index keeps names in memory. */
  private static boolean areNames(LetterCodec.Names names) {
    return Stream.of(names.id(), names.application(), names.namespace(), names.taskname())
        .allMatch(name -> isAtMost(Activation.LONGEST_NAME_BYTES, name));
  }

  private static boolean isAtMost(int bytes, String text) {
    return text.length() <= bytes && text.getBytes(UTF_8).length <= bytes;
  }

  /** Texts by name; of a name that repeats, the last. */
  static Map<String, String> headers(SourceRecord record) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      byte[] value = header.value();
      texts.put(header.name(), value == null ? "" : new String(value, UTF_8));
    }
    return texts;
  }

  private static String why(Map<String, String> headers) {
    String said = headers.get(DeadLetterHeaders.LAST_ERROR);
    String words = said == null ? headers.get(DeadLetterHeaders.REASON) : said;
    if (words == null || words.isBlank()) {
      return "its headers do not say why";
    }
    return words.strip().lines().findFirst().orElse("");
  }

  private static String cut(String line) {
    return line.length() > LONGEST_CAUSE ? line.substring(0, end(line)) : line;
  }

  /** Not within a sign that takes two: half a sign is another one once it was sent. */
  private static int end(String line) {
    return Character.isHighSurrogate(line.charAt(LONGEST_CAUSE - 1))
        ? LONGEST_CAUSE - 1
        : LONGEST_CAUSE;
  }

  private static DeadLetter.@Nullable Source source(Map<String, String> headers) {
    String topic = headers.get(DeadLetterHeaders.SOURCE_TOPIC);
    if (topic == null || topic.length() > LONGEST_TOPIC) {
      return null;
    }
    return new DeadLetter.Source(
        topic,
        (int) number(headers.get(DeadLetterHeaders.SOURCE_PARTITION)),
        number(headers.get(DeadLetterHeaders.SOURCE_OFFSET)));
  }

  /** -1 for what is none. */
  private static long number(@Nullable String text) {
    try {
      return text == null ? -1 : Long.parseLong(text);
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
