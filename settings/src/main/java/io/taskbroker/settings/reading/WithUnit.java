package io.taskbroker.settings.reading;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to write instead of {@code 3GB} or {@code 5s}, where a plain number is expected. */
final class WithUnit {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)\\s*([A-Za-zµ]+)");

  private static final Map<String, Long> BYTES =
      Map.ofEntries(
          Map.entry("b", 1L),
          Map.entry("k", 1_000L),
          Map.entry("kb", 1_000L),
          Map.entry("ki", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1_000_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("mi", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1_000_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("gi", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("t", 1_000_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("ti", 1L << 40),
          Map.entry("tib", 1L << 40));

  /** Milliseconds. */
  private static final Map<String, Long> TIMES =
      Map.of(
          "ms", 1L, "s", 1_000L, "sec", 1_000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private WithUnit() {}

  /** For a number of bytes, or of things: {@code 3GB} is 3000000000. Empty for anything else. */
  static Optional<String> asCount(String text) {
    return amount(text, BYTES, 1);
  }

  /** For a number of milliseconds: {@code 5s} is 5000. */
  static Optional<String> asMillis(String text) {
    return amount(text, TIMES, 1);
  }

  /** For a number of seconds: {@code 5min} is 300. */
  static Optional<String> asSeconds(String text) {
    return amount(text, TIMES, 1_000);
  }

  private static Optional<String> amount(String text, Map<String, Long> units, long divisor) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      return Optional.empty();
    }
    Long unit = units.get(form.group(2).toLowerCase(Locale.ROOT));
    return unit == null
        ? Optional.empty()
        : Optional.of(
            new BigDecimal(form.group(1))
                .multiply(BigDecimal.valueOf(unit))
                .divide(BigDecimal.valueOf(divisor), 0, RoundingMode.CEILING)
                .toPlainString());
  }
}
