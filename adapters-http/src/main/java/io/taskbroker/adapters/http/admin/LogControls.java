package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.operations.LogChange;
import io.taskbroker.application.operations.LogLevels;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;

/** What is logged. To change it takes the role admin: a log may say what not everybody may see. */
final class LogControls {
  private static final String PATH = "/api/v1/log-level";

  private final LogLevels logs;
  private final Operations operations;
  private final TimeSource time;

  LogControls(LogLevels logs, Operations operations, TimeSource time) {
    this.logs = logs;
    this.operations = operations;
    this.time = time;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            PATH,
            (_, said) -> {
              said.end();
              return view();
            }),
        new Endpoint(HttpMethod.POST, PATH, AdminRole.ADMIN, this::change),
        new Endpoint(HttpMethod.POST, PATH + "/end", AdminRole.ADMIN, this::end));
  }

  private Object view() {
    return Json.object(
        "configured",
        logs.configured(),
        "changes",
        logs.changes().stream().map(LogControls::view).toList());
  }

  private static Object view(LogChange change) {
    return Json.object(
        "level", change.level(),
        "target", change.target(),
        "by", change.by(),
        "reason", change.reason(),
        "since", Views.time(change.sinceMs()),
        "until", Views.time(change.untilMs()));
  }

  private Object change(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    String level = said.needed("level").toLowerCase(Locale.ROOT);
    String target = targetOf(said);
    long seconds = said.number("for_seconds", 0, 0, Orders.LONGEST_PAUSE_SECONDS);
    said.end();
    long nowMs = time.now().wallMs();
    Long untilMs = seconds == 0 ? null : Times.plus(nowMs, seconds * 1_000);
    var change = new LogChange(level, target, order.actor(), order.reason(), nowMs, untilMs);
    try {
      return operations.order(
          order,
          "%s until %s"
              .formatted(change.words(), untilMs == null ? "ended" : Instant.ofEpochMilli(untilMs)),
          () -> {
            logs.change(change);
            return view();
          },
          _ -> "done");
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpStatus.BAD_REQUEST_400, "That cannot be logged: " + e.getMessage());
    }
  }

  private Object end(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    String target = targetOf(said);
    said.end();
    boolean ended =
        operations.order(
            order,
            "log %s as configured".formatted(target.isEmpty() ? "all" : target),
            () -> logs.end(target),
            done -> done ? "done" : "was not changed");
    if (!ended) {
      throw new Refusal(HttpStatus.NOT_FOUND_404, "No change of exactly this target is in force");
    }
    return view();
  }

  private static String targetOf(Fields said) {
    return Objects.requireNonNullElse(said.text("target"), "");
  }
}
