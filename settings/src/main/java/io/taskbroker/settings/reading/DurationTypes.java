package io.taskbroker.settings.reading;

import io.taskbroker.settings.reading.Type.Unfit;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings that are lengths of time. */
public final class DurationTypes {
  /** No wait is longer, so that sums and nanoseconds of durations stay within a long. */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  private static final Pattern DURATION = Pattern.compile("\\+?([0-9]+)(ms|s)");

  public static final Type<Duration> DURATION_TEXT =
      new Type<>("a duration such as 250ms or 5s", DurationTypes::duration, DurationTypes::text);

  public static final Type<Duration> MILLIS =
      number(
          "a whole number of milliseconds",
          Duration::ofMillis,
          Duration::toMillis,
          WithUnit::asMillis);

  public static final Type<Duration> SECONDS =
      number(
          "a whole number of seconds",
          Duration::ofSeconds,
          Duration::toSeconds,
          WithUnit::asSeconds);

  private DurationTypes() {}

  /** In the larger unit if that is exact: nobody counts the digits of 86400000ms. */
  private static String text(Duration length) {
    return length.toMillisPart() == 0 ? length.toSeconds() + "s" : length.toMillis() + "ms";
  }

  private static Type<Duration> number(
      String name,
      LongFunction<Duration> of,
      Function<Duration, Long> printer,
      Function<String, Optional<String>> remedy) {
    long most = printer.apply(LONGEST);
    return new Type<>(
        name, node -> of.apply(Math.min(most, NumberTypes.unsigned(node, remedy))), printer::apply);
  }

  private static Duration duration(Node node) throws Unfit {
    if (!(node instanceof Node.Text(String text, _))) {
      throw new Unfit("Write it with a unit, for example 250ms or 5s");
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new Unfit("Write a whole number and ms or s, without a blank");
    }
    var amount = new BigInteger(matcher.group(1));
    boolean seconds = matcher.group(2).equals("s");
    BigInteger millis = seconds ? amount.multiply(BigInteger.valueOf(1000)) : amount;
    if (millis.compareTo(NumberTypes.UNSIGNED_64) > 0) {
      throw new Unfit("It is too long");
    }
    return Duration.ofMillis(millis.min(BigInteger.valueOf(LONGEST.toMillis())).longValueExact());
  }
}
