package io.taskbroker.settings.reading;

import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a setting is written, and what the program makes of it. Nothing is coerced: a number is no
 * text, and a text is no number.
 *
 * @param name for documents and error texts, with article
 * @param parser from what was written
 * @param printer to what can be written: a text, number, boolean, list or mapping of these
 */
public record Type<T>(String name, Parser<T> parser, Function<T, Object> printer) {
  /** Above it the reference's unsigned numbers end. */
  private static final BigInteger UNSIGNED_64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  /** No wait is longer, so that sums and nanoseconds of durations stay within a long. */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  private static final Pattern DURATION = Pattern.compile("\\+?([0-9]+)(ms|s)");

  public static final Type<String> TEXT =
      new Type<>(
          "a text",
          node ->
              switch (node) {
                case Node.Text(String text, _) -> text;
                case Node.Whole _, Node.Fraction _, Node.Flag _ ->
                    throw new Unfit("Put it in quotes" + inEnvironment(node));
                case Node.Null _, Node.Sequence _, Node.Mapping _ -> throw new Unfit();
              },
          text -> text);

  /** As a text; a path that this system can write. */
  public static final Type<String> FILE =
      new Type<>(
          "the path of a file",
          node -> {
            String text = TEXT.parser().parse(node);
            try {
              return Path.of(text).toString();
            } catch (InvalidPathException e) {
              throw new Unfit(
                  "%s. Letters outside ASCII need a UTF-8 locale, such as LC_ALL=C.UTF-8"
                      .formatted(e.getReason()));
            }
          },
          text -> text);

  public static final Type<Boolean> FLAG =
      new Type<>(
          "true or false",
          node ->
              switch (node) {
                case Node.Flag(boolean flag, _) -> flag;
                case Node.Text(String text, _) when isSpeltBoolean(text) ->
                    throw new Unfit("Write true or false, in lower case and without quotes");
                default -> throw new Unfit();
              },
          flag -> flag);

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
      new Type<>(
          "a whole number",
          node -> unsigned(node, UNSIGNED_64, WithUnit::asCount),
          number -> number);

  public static final Type<Duration> DURATION_TEXT =
      new Type<>(
          "a duration such as 250ms or 5s", Type::duration, length -> length.toMillis() + "ms");

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

  public static final Type<List<String>> TEXTS =
      new Type<>("a list of texts", Type::texts, texts -> texts);

  public static final Type<Map<String, String>> TEXT_BY_NAME =
      new Type<>("a mapping from names to texts", Type::textByName, texts -> texts);

  /** A mapping whose mere presence means something. */
  public static final Type<Boolean> PRESENCE =
      new Type<>(
          "a mapping",
          node -> {
            if (node instanceof Node.Mapping) {
              return true;
            }
            throw new Unfit();
          },
          present -> present);

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

  /** One of an enum's constants, written in lower case. */
  public static <E extends Enum<E>> Type<E> oneOf(Class<E> constants) {
    List<String> words = Stream.of(constants.getEnumConstants()).map(Type::written).toList();
    return new Type<>(
        "one of " + String.join(", ", words),
        node -> {
          if (node instanceof Node.Text(String text, _)) {
            for (E constant : constants.getEnumConstants()) {
              if (written(constant).equals(text)) {
                return constant;
              }
            }
            throw new Unfit(
                Suggestions.closest(text.toLowerCase(Locale.ROOT), words)
                    .map(word -> "Did you mean " + word + "?")
                    .orElse(""));
          }
          throw new Unfit();
        },
        Type::written);
  }

  /** The same, under more names. */
  public static <T> Type<T> oneOf(Map<String, T> meanings, Function<T, Object> printer) {
    return new Type<>(
        meanings.keySet().stream().collect(Collectors.joining(", ", "one of ", "")),
        node -> {
          if (node instanceof Node.Text(String text, _)) {
            T meaning = meanings.get(text.toLowerCase(Locale.ROOT));
            if (meaning != null) {
              return meaning;
            }
          }
          throw new Unfit();
        },
        printer);
  }

  private static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static Type<Duration> number(
      String name,
      LongFunction<Duration> of,
      Function<Duration, Long> printer,
      Function<String, Optional<String>> remedy) {
    long most = printer.apply(LONGEST);
    return new Type<>(
        name,
        node -> of.apply(Math.min(most, unsigned(node, UNSIGNED_64, remedy))),
        printer::apply);
  }

  private static long unsigned(
      Node node, BigInteger most, Function<String, Optional<String>> remedy) throws Unfit {
    if (!(node instanceof Node.Whole(BigInteger number, _))) {
      throw new Unfit(plain(node, remedy));
    }
    if (number.signum() < 0 || number.compareTo(most) > 0) {
      throw new Unfit("It must be at least 0 and below 2^64");
    }
    return number.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
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
    if (millis.compareTo(UNSIGNED_64) > 0) {
      throw new Unfit("It is too long");
    }
    return Duration.ofMillis(millis.min(BigInteger.valueOf(LONGEST.toMillis())).longValueExact());
  }

  private static List<String> texts(Node node) throws Unfit {
    if (!(node instanceof Node.Sequence(List<Node> items, _))) {
      throw new Unfit("Write [first, second]");
    }
    List<String> texts = new ArrayList<>();
    for (Node item : items) {
      try {
        texts.add(TEXT.parser().parse(item));
      } catch (Unfit e) {
        throw new Unfit("Item " + (texts.size() + 1) + " is " + item.kind() + ". " + e.advice());
      }
    }
    return List.copyOf(texts);
  }

  private static Map<String, String> textByName(Node node) throws Unfit {
    if (!(node instanceof Node.Mapping(Map<String, Node> entries, _))) {
      throw new Unfit();
    }
    Map<String, String> texts = new TreeMap<>();
    for (var entry : entries.entrySet()) {
      try {
        texts.put(entry.getKey(), TEXT.parser().parse(entry.getValue()));
      } catch (Unfit e) {
        throw new Unfit(
            "The value of '%s' is %s. %s"
                .formatted(entry.getKey(), entry.getValue().kind(), e.advice()));
      }
    }
    return new LinkedHashMap<>(texts);
  }

  private static boolean isSpeltBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "false", "yes", "no", "on", "off" -> true;
      default -> false;
    };
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

  private static String inEnvironment(Node node) {
    return node.origin() instanceof Origin.InEnvironment(String variable)
        ? ", for example " + variable + "='\"…\"'"
        : "";
  }

  /** Reads a value, or refuses it. */
  public interface Parser<T> {
    T parse(Node node) throws Unfit;
  }

  /** What was written is not of the type. */
  public static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;
    private final String advice;

    /**
     * @param advice a sentence without its full stop, or empty
     */
    public Unfit(String advice) {
      super(advice, null, false, false);
      this.advice = advice;
    }

    public Unfit() {
      this("");
    }

    public String advice() {
      return advice;
    }
  }
}
