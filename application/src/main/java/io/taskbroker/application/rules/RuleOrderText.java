package io.taskbroker.application.rules;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Orders of rules as they are kept: {@code rule=…&by=ann&since=…}. */
final class RuleOrderText {
  private RuleOrderText() {}

  static String write(RuleOrder order) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("rule", order.text());
    fields.put("by", order.by());
    fields.put("reason", order.reason());
    fields.put("since", Long.toString(order.sinceMs()));
    if (order.untilMs() != null) {
      fields.put("until", Long.toString(order.untilMs()));
    }
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + escaped(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  /**
   * @throws IllegalArgumentException if it was not written by this version, or the reader refuses
   *     the rule
   */
  static RuleOrder read(String id, String text, RuleReader reader) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : text.split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        fields.put(field.substring(0, equals), unescaped(field.substring(equals + 1)));
      }
    }
    String rule = fields.getOrDefault("rule", "");
    String until = fields.get("until");
    return new RuleOrder(
        id,
        rule,
        reader.read(rule),
        fields.getOrDefault("by", ""),
        fields.getOrDefault("reason", ""),
        Long.parseLong(fields.getOrDefault("since", "0")),
        until == null ? null : Long.valueOf(until));
  }

  private static String escaped(String value) {
    return value.replace("%", "%25").replace("&", "%26");
  }

  private static String unescaped(String text) {
    return text.replace("%26", "&").replace("%25", "%");
  }
}
