package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.operations.BulkRuling;
import io.taskbroker.application.operations.Draining;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.operations.Ruling;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.TaskFilter;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpStatus;

/** What can be ordered. */
final class Orders {
  /** What would hold longer is better ended by somebody. */
  static final long LONGEST_PAUSE_SECONDS = 366L * 24 * 3600;

  private final Operations operations;
  private final Draining draining;
  private final TimeSource time;

  Orders(Operations operations, Draining draining, TimeSource time) {
    this.operations = operations;
    this.draining = draining;
    this.time = time;
  }

  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Act act : Act.values()) {
      endpoints.add(
          Endpoint.post("/api/v1/tasks/" + nameOf(act), (actor, said) -> act(act, actor, said)));
    }
    endpoints.add(Endpoint.post("/api/v1/pauses", this::pause));
    endpoints.add(Endpoint.post("/api/v1/pauses/end", this::resume));
    endpoints.add(Endpoint.post("/api/v1/drain", this::drain));
    endpoints.add(Endpoint.post("/api/v1/drain/end", this::endDrain));
    return endpoints;
  }

  /** The last word of its path. */
  static String nameOf(Act act) {
    return switch (act) {
      case CANCEL -> "cancel";
      case COMPLETE -> "complete";
      case RUN_NOW -> "run-now";
      case GIVE_BACK -> "give-back";
      case REQUEUE -> "requeue";
    };
  }

  private Object act(Act act, Actor actor, Fields said) {
    Order order = order(actor, said);
    Fields filter = said.object("filter");
    if (said.has("id") == (filter != null)) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST_400, "Say which: one task by its 'id', or several by a 'filter'");
    }
    if (filter == null) {
      return one(act, order, said);
    }
    boolean dryRun = said.flag("dry_run", true);
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    said.end();
    TaskFilter which = Looks.filterOf(filter, time);
    filter.end();
    BulkRuling ruling =
        dryRun
            ? operations.wouldDo(act, which, after)
            : operations.actOnAll(order, act, which, after);
    return Views.of(ruling, dryRun);
  }

  private Object one(Act act, Order order, Fields said) {
    String id = said.needed("id");
    said.end();
    Ruling ruling = operations.act(order, act, id);
    return switch (ruling.verdict()) {
      case DONE -> Views.of(ruling);
      case NOT_STORED -> throw new Refusal(HttpStatus.NOT_FOUND_404, ruling.words());
      case WITHOUT_EFFECT, MAY_HAVE_BEGUN, LEAVING ->
          throw new Refusal(HttpStatus.CONFLICT_409, ruling.words());
    };
  }

  private Object pause(Actor actor, Fields said) {
    Order order = order(actor, said);
    PauseTarget target = target(said);
    long seconds = said.number("for_seconds", 0, 0, LONGEST_PAUSE_SECONDS);
    said.end();
    Long until = seconds == 0 ? null : Times.plus(time.now().wallMs(), seconds * 1_000);
    return Views.of(operations.pause(order, target, until));
  }

  private Object resume(Actor actor, Fields said) {
    Order order = order(actor, said);
    PauseTarget target = target(said);
    said.end();
    if (!operations.resume(order, target)) {
      throw new Refusal(HttpStatus.NOT_FOUND_404, "No pause of exactly these names is in force");
    }
    return Json.object("resumed", true);
  }

  private Object drain(Actor actor, Fields said) {
    Order order = order(actor, said);
    boolean exits = said.flag("exit_when_empty", false);
    said.end();
    return Views.of(draining.begin(order, exits ? OnEmpty.EXIT : OnEmpty.STAY));
  }

  private Object endDrain(Actor actor, Fields said) {
    Order order = order(actor, said);
    said.end();
    if (!draining.end(order)) {
      throw new Refusal(HttpStatus.NOT_FOUND_404, "This broker does not drain");
    }
    return Json.object("ended", true);
  }

  private static PauseTarget target(Fields said) {
    try {
      return new PauseTarget(
          said.text("application"), said.text("namespace"), said.text("task"), said.text("topic"));
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
    }
  }

  static Order order(Actor actor, Fields said) {
    String reason = said.text("reason");
    if (reason != null && reason.length() > 500) {
      throw said.wrong("reason", "must have at most 500 characters");
    }
    return new Order(actor.name(), reason == null ? "" : reason);
  }
}
