package io.taskbroker.bootstrap.operator;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people write it: {@code 90s}, {@code 10m}, {@code 2h} or {@code 1d}. */
final class SpanConverter implements ITypeConverter<Duration> {
  private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,8})([smhd])");

  private static final Map<String, Integer> SECONDS =
      Map.of("s", 1, "m", 60, "h", 3_600, "d", 86_400);

  @Override
  public Duration convert(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      throw new TypeConversionException(
          "'%s' is no time such as 90s, 10m, 2h or 1d".formatted(text));
    }
    return Duration.ofSeconds(
        Long.parseLong(span.group(1)) * SECONDS.getOrDefault(span.group(2), 1));
  }
}
