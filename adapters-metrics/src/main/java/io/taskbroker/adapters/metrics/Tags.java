package io.taskbroker.adapters.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tags of one series, in both notations. */
final class Tags {
  /** Bytes of a name or a value in a line of StatsD, which has to fit into a datagram. */
  static final int LONGEST = 200;

  static final Tags NONE = new Tags(Map.of());

  private final Map<String, String> byName;
  private final String[] forStatsd;

  Tags(Map<String, String> byName) {
    this.byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    List<String> lines = new ArrayList<>();
    byName.forEach((name, value) -> lines.add(plain(name) + ":" + plain(value)));
    this.forStatsd = lines.toArray(String[]::new);
  }

  /**
   * Tags from names and values in turn.
   *
   * @throws IllegalArgumentException if a value is missing
   */
  static Tags of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a tag without a value: " + List.of(namesAndValues));
    }
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      tags.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Tags(tags);
  }

  /** In the order in which they were given. */
  Map<String, String> byName() {
    return byName;
  }

  /**
   * As {@code name:value}, without characters that mean something in a line of StatsD. Not to be
   * written to.
   */
  String[] forStatsd() {
    return forStatsd;
  }

  private static String plain(String text) {
    var plain = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (bytes > LONGEST) {
        break;
      }
      boolean hasMeaning = c == ',' || c == '|' || c == '#' || Character.isISOControl(c);
      plain.appendCodePoint(hasMeaning ? '_' : c);
    }
    return plain.toString();
  }
}
