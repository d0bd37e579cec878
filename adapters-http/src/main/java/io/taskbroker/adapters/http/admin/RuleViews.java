package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.operations.RuleEffect;
import io.taskbroker.application.rules.RuleOrder;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What callers see of rules; openapi.json says what each member means. */
final class RuleViews {
  private static final String STARS = "******";

  private RuleViews() {}

  /**
   * What one rule is about.
   *
   * @param rule one of them
   * @param target where what is demoted goes
   * @param masked whether stars stand for what it asks of arguments
   */
  static Map<String, Object> of(Rules rule, Demotion target, boolean masked) {
    return Stream.of(
            rule.killSwitch().tasknames().stream()
                .map(task -> Json.object("kind", "drop_task", "task", task)),
            rule.killSwitch().selectors().stream().map(selector -> of(selector, masked)),
            rule.demotion().namespaces().stream()
                .map(
                    namespace ->
                        Json.object(
                            "kind", "send_off", "namespace", namespace, "target", text(target))))
        .flatMap(some -> some)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no rule"));
  }

  private static Map<String, Object> of(Selector selector, boolean masked) {
    return Json.object(
        "kind", "drop_by_arguments",
        "task", selector.taskname(),
        "condition", condition(selector, masked));
  }

  static Map<String, Object> of(RuleOrder order) {
    return Json.object(
        "id", order.id(),
        "by", order.by(),
        "reason", order.reason(),
        "since", Views.time(order.sinceMs()),
        "until", Views.time(order.untilMs()));
  }

  static Map<String, Object> of(RuleEffect effect, Demotion target) {
    Map<String, Object> states = new LinkedHashMap<>();
    effect.byStatus().forEach((status, tasks) -> states.put(Views.nameOf(status), tasks));
    Map<String, Object> view = of(effect.rule(), target, false);
    view.put("tasks", effect.tasks());
    view.put("states", states);
    return view;
  }

  private static String text(Demotion demotion) {
    String topic =
        demotion.topic() == null ? "kafka_long_topic" : "topic '" + demotion.topic() + "'";
    return demotion.cluster() == null ? topic : topic + " at " + demotion.cluster();
  }

  private static String condition(Selector selector, boolean masked) {
    return Stream.concat(
            selector.positional().entrySet().stream()
                .map(
                    one ->
                        "argument %d is %s".formatted(one.getKey(), text(one.getValue(), masked))),
            selector.named().entrySet().stream()
                .map(one -> "%s is %s".formatted(one.getKey(), text(one.getValue(), masked))))
        .collect(Collectors.joining(", or "));
  }

  private static String text(Value value, boolean masked) {
    return masked ? STARS : text(value);
  }

  private static String text(Value value) {
    return switch (value) {
      case Value.Null _ -> "null";
      case Value.Bool(boolean flag) -> String.valueOf(flag);
      case Value.Whole(var number) -> number.toString();
      case Value.Real(double number) -> String.valueOf(number);
      case Value.Text(String text) -> '"' + text + '"';
      case Value.Sequence(List<Value> elements) ->
          elements.stream().map(RuleViews::text).collect(Collectors.joining(", ", "[", "]"));
      case Value.Mapping(Map<Value, Value> entries) ->
          entries.entrySet().stream()
              .map(entry -> text(entry.getKey()) + ": " + text(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }
}
