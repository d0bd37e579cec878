package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.taskbroker.settings.reading.OneLine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object a line, the fields of the message beside its own.
 *
 * <p>Those who read the reference's log look for a span and a list of spans: here the span is the
 * work that a thread does, which is what threads are named for.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {
  @Override
  public String doLayout(ILoggingEvent event) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("timestamp", TextLayout.TIME.format(event.getInstant()));
    fields.put("level", event.getLevel().levelStr);
    fields.put("message", event.getFormattedMessage());
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair field : event.getKeyValuePairs()) {
        fields.put(field.key, field.value);
      }
    }
    if (event.getThrowableProxy() != null) {
      fields.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    fields.put("target", event.getLoggerName());
    StackTraceElement[] callers = event.getCallerData();
    if (callers.length > 0) {
      fields.put("filename", callers[0].getFileName());
      fields.put("line_number", callers[0].getLineNumber());
    }
    Map<String, @Nullable Object> span = Map.of("name", event.getThreadName());
    fields.put("span", span);
    fields.put("spans", List.of(span));
    fields.put("thread", event.getThreadName());
    var json = new StringBuilder(256);
    appendObject(json, fields);
    return json.append('\n').toString();
  }

  private static void appendObject(StringBuilder json, Map<?, ?> fields) {
    String separator = "{";
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      json.append(separator);
      appendText(json, field.getKey().toString());
      json.append(':');
      appendValue(json, field.getValue());
      separator = ",";
    }
    json.append('}');
  }

  private static void appendList(StringBuilder json, List<?> items) {
    String separator = "[";
    for (Object item : items) {
      json.append(separator);
      appendValue(json, item);
      separator = ",";
    }
    json.append(']');
  }

  private static void appendValue(StringBuilder json, @Nullable Object value) {
    switch (value) {
      case Map<?, ?> fields when !fields.isEmpty() -> appendObject(json, fields);
      case List<?> items when !items.isEmpty() -> appendList(json, items);
      case null -> json.append("null");
      case Boolean flag -> json.append(flag);
      case Integer number -> json.append(number);
      case Long number -> json.append(number);
      default -> appendText(json, value.toString());
    }
  }

  private static void appendText(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        default -> {
          if (OneLine.isCommand(c) || isUnpaired(text, i)) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  /** Half a character cannot be encoded, and comes from cutting what others sent us. */
  private static boolean isUnpaired(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }
}
