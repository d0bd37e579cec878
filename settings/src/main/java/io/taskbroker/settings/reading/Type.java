package io.taskbroker.settings.reading;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
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

  private static boolean isSpeltBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "false", "yes", "no", "on", "off" -> true;
      default -> false;
    };
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
