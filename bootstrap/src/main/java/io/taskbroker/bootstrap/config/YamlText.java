package io.taskbroker.bootstrap.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Writes a value as YAML, on one line.
 *
 * <p>By hand, since starting a library for it takes a fifth of the time until the store is open.
 */
final class YamlText {
  private static final Pattern HARMLESS = Pattern.compile("[\\w./][\\w./-]*(:[\\w/][\\w./-]*)*");
  private static final CoreSchema SCHEMA = new CoreSchema();

  private YamlText() {}

  /**
   * @param value a text, number, boolean, list or mapping of these, or null
   */
  static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> text(text);
      case Boolean flag -> flag.toString();
      case Number number -> number.toString();
      case List<?> items ->
          items.stream().map(YamlText::of).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> entries ->
          entries.entrySet().stream()
              .map(entry -> of(entry.getKey()) + ": " + of(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      default -> throw new IllegalArgumentException("cannot be written: " + value.getClass());
    };
  }

  private static String text(String text) {
    boolean plain =
        HARMLESS.matcher(text).matches()
            && SCHEMA.resolve(NodeId.scalar, text, true).equals(Tag.STR);
    return plain ? text : quoted(text);
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
