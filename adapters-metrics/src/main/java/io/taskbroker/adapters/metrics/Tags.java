package io.taskbroker.adapters.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tags of one series, in both notations. */
final class Tags {
  /** A line has to fit into a datagram. */
  private static final int LONGEST = 200;

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
    int length = Math.min(text.length(), LONGEST);
    var plain = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      plain.append(c == ',' || c == '|' || c == '#' || Character.isISOControl(c) ? '_' : c);
    }
    return plain.toString();
  }
}
