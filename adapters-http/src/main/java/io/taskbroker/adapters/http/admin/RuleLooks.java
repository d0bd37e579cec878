package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.rules.RulesReport;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rules in force: where they come from, what they meet now, and what they have done. */
final class RuleLooks {
  private static final String STARS = "******";

  /** Kinds of tasks that are looked through; where there are more, nothing is counted. */
  private static final int MOST_KINDS = 10_000;

  /** Kinds that the store is asked for at a time. */
  private static final int PIECE = 1_000;

  private final Broker broker;
  private final Supplier<RulesOrigin> origin;
  private final AdminRole arguments;
  private final Lately<Stored> stored;

  /**
   * How many tasks are stored, by their names.
   *
   * @param isAll false if there are more kinds than are looked through
   */
  private record Stored(List<TaskCount> counts, boolean isAll) {
    @Nullable Long of(Predicate<TaskNames> some) {
      return isAll
          ? counts.stream()
              .filter(count -> some.test(count.names()))
              .flatMap(count -> count.byStatus().entrySet().stream())
              .filter(one -> one.getKey() != Status.COMPLETE)
              .mapToLong(one -> one.getValue().longValue())
              .sum()
          : null;
    }
  }

  /**
   * @param arguments who may see what selectors ask of arguments
   */
  RuleLooks(Broker broker, Supplier<RulesOrigin> origin, AdminRole arguments, TimeSource time) {
    this.broker = broker;
    this.origin = origin;
    this.arguments = arguments;
    this.stored = new Lately<>(this::stored, time);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/api/v1/rules",
            (actor, said) -> {
              said.end();
              return view(!actor.role().includes(arguments));
            }));
  }

  private Stored stored() {
    List<TaskCount> all = new ArrayList<>();
    while (all.size() < MOST_KINDS) {
      TaskNames last = all.isEmpty() ? null : all.getLast().names();
      List<TaskCount> piece = broker.operations().tasks().counts(last, PIECE);
      all.addAll(piece);
      if (piece.size() < PIECE) {
        return new Stored(all, true);
      }
    }
    return new Stored(all, false);
  }

  private Object view(boolean masked) {
    RulesOrigin from = origin.get();
    RulesReport report = broker.rules();
    Rules rules = report.rules();
    Stored now = stored.value();
    List<Map<String, Object>> all = new ArrayList<>();
    for (String task : rules.killSwitch().tasknames()) {
      all.add(
          Json.object(
              "kind",
              "drop_task",
              "task",
              task,
              "stored",
              now.of(names -> names.taskname().equals(task)),
              "done",
              report.dropped().getOrDefault(task, 0L)));
    }
    for (Selector selector : rules.killSwitch().selectors()) {
      String task = selector.taskname();
      all.add(
          Json.object(
              "kind", "drop_by_arguments",
              "task", task,
              "condition", condition(selector, masked),
              "stored", now.of(names -> names.taskname().equals(task)),
              "done", report.dropped().getOrDefault(task, 0L)));
    }
    for (String namespace : rules.demotion().namespaces()) {
      all.add(
          Json.object(
              "kind", "send_off",
              "namespace", namespace,
              "target", target(rules.demotion()),
              "stored", now.of(names -> names.namespace().equals(namespace)),
              "done", report.sentOff().getOrDefault(namespace, 0L)));
    }
    return Json.object(
        "file", from.file(),
        "since", Views.time(from.sinceMs()),
        "trouble", from.trouble(),
        "rules", all);
  }

  private static String target(Demotion demotion) {
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
          elements.stream().map(RuleLooks::text).collect(Collectors.joining(", ", "[", "]"));
      case Value.Mapping(Map<Value, Value> entries) ->
          entries.entrySet().stream()
              .map(entry -> text(entry.getKey()) + ": " + text(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }
}
