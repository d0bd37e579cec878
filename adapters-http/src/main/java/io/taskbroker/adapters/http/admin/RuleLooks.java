package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.rules.RuleOrder;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.rules.RulesReport;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rules in force: where they come from, what they meet now, and what they have done. */
final class RuleLooks {
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
    Stored now = stored.value();
    List<Map<String, Object>> all = new ArrayList<>();
    for (Rules rule : report.ofFile().each()) {
      all.add(view(rule, report, now, masked));
    }
    for (RuleOrder order : report.orders()) {
      Map<String, Object> view = view(order.rule(), report, now, masked);
      view.put("order", RuleViews.of(order));
      all.add(view);
    }
    return Json.object(
        "file", from.file(),
        "since", Views.time(from.sinceMs()),
        "trouble", from.trouble(),
        "rules", all);
  }

  /** One rule, with what it meets and has done. */
  private static Map<String, Object> view(
      Rules rule, RulesReport report, Stored now, boolean masked) {
    Map<String, Object> view = RuleViews.of(rule, report.ofFile().demotion(), masked);
    String namespace = (String) view.get("namespace");
    String task = (String) view.get("task");
    Long stored =
        now.of(
            namespace == null
                ? names -> names.taskname().equals(task)
                : names -> names.namespace().equals(namespace));
    if (stored != null) {
      view.put("stored", stored);
    }
    view.put(
        "done",
        namespace == null
            ? report.dropped().getOrDefault(String.valueOf(task), 0L)
            : report.sentOff().getOrDefault(namespace, 0L));
    return view;
  }
}
