package io.taskbroker.inflight.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Names and values in the text of a standing order: {@code by=ann&since=…}. */
final class OrderFields {
  private OrderFields() {}

  /**
   * @param namesAndValues in turns; a name whose value is null is left out
   */
  static String write(@Nullable String... namesAndValues) {
    StringJoiner fields = new StringJoiner("&");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value = namesAndValues[i + 1];
      if (value != null) {
        fields.add(namesAndValues[i] + "=" + escaped(value));
      }
    }
    return fields.toString();
  }

  private static String escaped(String value) {
    return value.replace("%", "%25").replace("&", "%26").replace("=", "%3D");
  }

  private static String unescaped(String text) {
    return text.replace("%3D", "=").replace("%26", "&").replace("%25", "%");
  }

  static Map<String, String> read(String fields) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String field : fields.split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        values.put(field.substring(0, equals), unescaped(field.substring(equals + 1)));
      }
    }
    return values;
  }
}
