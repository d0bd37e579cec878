package io.taskbroker.adapters.http.admin;

import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task's arguments as indented text that looks like JSON; masked, it has kinds and lengths in the
 * place of values.
 */
final class ArgumentText {
  /** More is cut off: it is for people to look at. */
  static final int MOST_CHARACTERS = 64 * 1024;

  private static final int SHOWN_BYTES = 32;

  private final StringBuilder text = new StringBuilder();
  private final boolean masked;

  private ArgumentText(boolean masked) {
    this.masked = masked;
  }

  /** The value with all that is in it. */
  static String of(@Nullable Object value, boolean masked) {
    var writing = new ArgumentText(masked);
    writing.write(value, "\n");
    return writing.text.length() > MOST_CHARACTERS
        ? writing.text.substring(0, MOST_CHARACTERS) + "\n… (there is more)"
        : writing.text.toString();
  }

  private void write(@Nullable Object value, String lineFeed) {
    if (text.length() > MOST_CHARACTERS) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      if (!map.isEmpty()) {
        writeMap(map, lineFeed);
      } else {
        text.append("{}");
      }
    } else if (value instanceof List<?> list) {
      if (!list.isEmpty()) {
        writeList(list, lineFeed);
      } else {
        text.append("[]");
      }
    } else {
      text.append(masked ? kindOf(value) : simple(value));
    }
  }

  private void writeMap(Map<?, ?> map, String lineFeed) {
    String deeper = lineFeed + "  ";
    text.append('{');
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      text.append(deeper).append(quoted(String.valueOf(entry.getKey()))).append(": ");
      write(entry.getValue(), deeper);
      text.append(entries.hasNext() ? "," : "");
    }
    text.append(lineFeed).append('}');
  }

  private void writeList(List<?> list, String lineFeed) {
    String deeper = lineFeed + "  ";
    text.append('[');
    for (int i = 0; i < list.size(); i++) {
      text.append(i == 0 ? "" : ",").append(deeper);
      write(list.get(i), deeper);
    }
    text.append(lineFeed).append(']');
  }

  private static String simple(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String words -> quoted(words);
      case byte[] bytes when bytes.length > SHOWN_BYTES ->
          "%d bytes: %s…".formatted(bytes.length, HexFormat.of().formatHex(bytes, 0, SHOWN_BYTES));
      case byte[] bytes -> "%d bytes: %s".formatted(bytes.length, HexFormat.of().formatHex(bytes));
      default -> value.toString();
    };
  }

  /** How long a text is. */
  static String characters(String text) {
    return text.length() == 1 ? "1 character" : text.length() + " characters";
  }

  private static String kindOf(@Nullable Object value) {
    return switch (value) {
      case null -> "nothing";
      case String words -> "text, " + characters(words);
      case byte[] bytes -> "%d bytes".formatted(bytes.length);
      case Boolean _ -> "true or false";
      case Number number -> "number, " + characters(number.toString());
      default -> "a value";
    };
  }

  /** As JSON has it. */
  private static String quoted(String words) {
    return new String(Json.write(words), java.nio.charset.StandardCharsets.UTF_8);
  }
}
