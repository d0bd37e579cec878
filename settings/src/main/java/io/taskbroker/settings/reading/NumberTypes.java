package io.taskbroker.settings.reading;

import io.taskbroker.settings.reading.Type.Unfit;
import java.math.BigInteger;
import java.util.Optional;
import java.util.function.Function;

/** Settings that are written as numbers. */
public final class NumberTypes {
  /** Above it the reference's unsigned numbers end. */
  static final BigInteger UNSIGNED_64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  public static final Type<Double> FRACTION =
      new Type<>(
          "a number",
          node ->
              switch (node) {
                case Node.Fraction(double number, _) -> number;
                case Node.Whole(BigInteger number, _) -> number.doubleValue();
                default -> throw new Unfit(unquoted(node));
              },
          number -> number);

  /** Unsigned numbers of 64 bits; what is beyond a long becomes the largest long. */
  public static final Type<Long> COUNT =
      new Type<>("a whole number", node -> unsigned(node, WithUnit::asCount), number -> number);

  private NumberTypes() {}

  /** A whole number between two bounds, both allowed. */
  public static Type<Integer> between(int least, int most) {
    return new Type<>(
        least == 0 && most == Integer.MAX_VALUE
            ? "a whole number"
            : "a whole number from %d to %d".formatted(least, most),
        node -> {
          if (node instanceof Node.Whole(BigInteger number, _)) {
            if (number.compareTo(BigInteger.valueOf(least)) < 0
                || number.compareTo(BigInteger.valueOf(most)) > 0) {
              throw new Unfit();
            }
            return number.intValue();
          }
          throw new Unfit(plain(node, WithUnit::asCount));
        },
        number -> number);
  }

  /**
   * A whole number that is not negative; what is beyond a long becomes the largest long.
   *
   * @param remedy what to write in place of a number with a unit, if that can be said
   */
  static long unsigned(Node node, Function<String, Optional<String>> remedy) throws Unfit {
    if (!(node instanceof Node.Whole(BigInteger number, _))) {
      throw new Unfit(plain(node, remedy));
    }
    if (number.signum() < 0 || number.compareTo(UNSIGNED_64) > 0) {
      throw new Unfit("It must be at least 0 and below 2^64");
    }
    return number.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
  }

  private static String unquoted(Node node) {
    return node instanceof Node.Text(String text, _) && text.matches("[-+]?[0-9][0-9_.,]*")
        ? "Write it without quotes, separators and leading zeros"
        : "";
  }

  /** What to write in place of a number with a unit, or of one in quotes. */
  private static String plain(Node node, Function<String, Optional<String>> remedy) {
    return node instanceof Node.Text(String text, _)
        ? remedy.apply(text).map(number -> "Write " + number).orElseGet(() -> unquoted(node))
        : "";
  }
}
