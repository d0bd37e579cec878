package io.taskbroker.settings.reading;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes passwords out of addresses, wherever a value is shown that is no secret as a whole. */
final class Masked {
  private static final String STARS = "******";
  private static final Pattern USER_INFO = Pattern.compile("(://)[^/\\s]*@");

  private Masked() {}

  /** The same text, with stars in the place of each {@code user:password} before an {@code @}. */
  static String text(String text) {
    return USER_INFO.matcher(text).replaceAll("$1" + STARS + "@");
  }

  /** The same, for a value as a setting's printer gives it. */
  static @Nullable Object value(@Nullable Object printed) {
    return switch (printed) {
      case null -> null;
      case String text -> text(text);
      case List<?> items -> items.stream().map(Masked::value).toList();
      case Map<?, ?> entries -> {
        Map<Object, @Nullable Object> masked = new TreeMap<>();
        entries.forEach((name, entry) -> masked.put(name, value(entry)));
        yield masked;
      }
      default -> printed;
    };
  }
}
