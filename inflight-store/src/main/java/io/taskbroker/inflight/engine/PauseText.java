package io.taskbroker.inflight.engine;

import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Pauses as standing orders: {@code pause?application=shop}, {@code by=ann&since=…}. */
final class PauseText {
  private static final String PREFIX = "pause?";

  private PauseText() {}

  static StandingOrder write(Pause pause) {
    String text =
        fields(
            "by", pause.by(),
            "reason", pause.reason(),
            "since", Long.toString(pause.sinceMs()),
            "until", pause.untilMs() == null ? null : Long.toString(pause.untilMs()));
    return new StandingOrder(name(pause.target()), text);
  }

  static StandingOrder lift(PauseTarget target) {
    return new StandingOrder(name(target), null);
  }

  private static String name(PauseTarget target) {
    return PREFIX
        + fields(
            "application", target.application(),
            "namespace", target.namespace(),
            "taskname", target.taskname(),
            "topic", target.topic());
  }

  private static String fields(@Nullable String... namesAndValues) {
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

  /**
   * The pause of this order; null if the order is about something else, such as what a later broker
   * orders.
   */
  static @Nullable Pause read(String name, String text) {
    if (!name.startsWith(PREFIX)) {
      return null;
    }
    Map<String, String> target = values(name.substring(PREFIX.length()));
    Map<String, String> words = values(text);
    String since = words.get("since");
    String until = words.get("until");
    try {
      return new Pause(
          new PauseTarget(
              target.get("application"),
              target.get("namespace"),
              target.get("taskname"),
              target.get("topic")),
          words.getOrDefault("by", ""),
          words.getOrDefault("reason", ""),
          since == null ? 0 : Long.parseLong(since),
          until == null ? null : Long.valueOf(until));
    } catch (IllegalArgumentException _) {
      return null; // not written by this version
    }
  }

  private static Map<String, String> values(String fields) {
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
