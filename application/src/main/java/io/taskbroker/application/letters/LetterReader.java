package io.taskbroker.application.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the records of the dead-letter topic. Safe for all threads. */
final class LetterReader {
  /** Of a cause; errors tell the kind first. */
  static final int LONGEST_CAUSE = 200;

  private final LetterCodec codec;

  LetterReader(LetterCodec codec) {
    this.codec = codec;
  }

  DeadLetter read(SourceRecord record) {
    Map<String, String> headers = headers(record);
    byte[] value = record.value();
    return new DeadLetter(
        new LetterPosition(record.partition().number(), record.offset()),
        record.timestampMs(),
        value == null ? null : codec.names(value).orElse(null),
        cause(headers),
        source(headers));
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

  private static String cause(Map<String, String> headers) {
    String said = headers.get(DeadLetterHeaders.LAST_ERROR);
    String words = said == null ? headers.get(DeadLetterHeaders.REASON) : said;
    if (words == null || words.isBlank()) {
      return "its headers do not say why";
    }
    String line = words.strip().lines().findFirst().orElse("").replaceAll("[0-9]+", "#");
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
    if (topic == null) {
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
