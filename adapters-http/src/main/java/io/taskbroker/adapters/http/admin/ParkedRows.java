package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.operations.BulkRuling;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.operations.Ruling;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskPage;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/** What Kafka has refused: which rows, and what is to become of them. */
final class ParkedRows {
  private static final int LISTED = 100;

  private final Operations operations;
  private final ListTurns turns;

  ParkedRows(Operations operations, ListTurns turns) {
    this.operations = operations;
    this.turns = turns;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/parked", this::list),
        Endpoint.post(
            "/api/v1/parked/retry", (actor, said) -> settle(ParkedAct.RETRY, actor, said)),
        Endpoint.post("/api/v1/parked/drop", (actor, said) -> settle(ParkedAct.DROP, actor, said)));
  }

  private Object list(Actor actor, Fields said) {
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    int limit = (int) said.number("limit", LISTED, 1, Looks.MOST_LISTED);
    said.end();
    TaskPage page = turns.take(actor, () -> operations.tasks().parked(after, limit));
    return Json.object(
        "parked",
        page.tasks().stream().map(ParkedRows::view).toList(),
        "next",
        page.isLast() ? null : page.last());
  }

  private static Map<String, Object> view(StoredTask row) {
    Activation facts = row.activation();
    boolean isTask = !facts.isBadRecord();
    return Json.object(
        "key", row.key(),
        "id", facts.id(),
        "leaves_as", leavesAs(row),
        "application", isTask ? facts.application() : null,
        "namespace", isTask ? facts.namespace() : null,
        "task", isTask ? facts.taskname() : null,
        "topic", facts.partition().topic(),
        "partition", facts.partition().number(),
        "offset", facts.offset(),
        "payload_bytes", facts.payloadBytes(),
        "reason", row.parked());
  }

  private static String leavesAs(StoredTask row) {
    if (row.activation().isBadRecord()) {
      return "bad_record";
    }
    return switch (row.state().status()) {
      case RETRY -> "retry";
      case CLAIMED -> "demotion";
      case FAILURE, DELAY, PENDING, PROCESSING, COMPLETE -> "dead_letter";
    };
  }

  private Object settle(ParkedAct act, Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    boolean all = said.flag("all", false);
    if (said.has("key") == all) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST_400, "Say which: one row by its 'key', or 'all' of them");
    }
    return all ? settleAll(act, order, said) : settleOne(act, order, said);
  }

  private Object settleAll(ParkedAct act, Order order, Fields said) {
    boolean dryRun = said.flag("dry_run", true);
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    said.end();
    BulkRuling ruling =
        dryRun ? operations.wouldSettle(after) : operations.settleAll(order, act, after);
    return Views.of(ruling, dryRun);
  }

  private Object settleOne(ParkedAct act, Order order, Fields said) {
    long key = said.number("key", 0, 1, Long.MAX_VALUE);
    said.end();
    Ruling ruling = operations.settle(order, act, key);
    return switch (ruling.verdict()) {
      case DONE -> Views.of(ruling);
      case NOT_STORED -> throw new Refusal(HttpStatus.NOT_FOUND_404, ruling.words());
      case WITHOUT_EFFECT, MAY_HAVE_BEGUN, LEAVING ->
          throw new Refusal(HttpStatus.CONFLICT_409, ruling.words());
    };
  }
}
