package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.domain.operator.StoredTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * What producers wrote into a task: for everybody by kind and length, and as it is for those who
 * may see it, who are named in the audit.
 */
final class Contents {
  static final String PATH = "/api/v1/arguments";

  private final Operations operations;
  private final Looks looks;
  private final TaskReader reader;
  private final AdminRole arguments;

  /**
   * @param arguments who may see values
   */
  Contents(Operations operations, Looks looks, TaskReader reader, AdminRole arguments) {
    this.operations = operations;
    this.looks = looks;
    this.reader = reader;
    this.arguments = arguments;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(PATH, this::masked),
        new Endpoint(HttpMethod.POST, PATH, AdminRole.VIEWER, this::shown));
  }

  private Object masked(Actor actor, Fields said) {
    return view(actor, looks.found(said), true);
  }

  private Object shown(Actor actor, Fields said) {
    admit(actor);
    Order order = Orders.order(actor, said);
    StoredTask task = looks.found(said);
    return operations.look(
        order,
        "show the arguments of task '%s'".formatted(task.activation().id()),
        () -> view(actor, task, false));
  }

  /** Refuses those who may not see values. */
  void admit(Actor actor) {
    if (!actor.role().includes(arguments)) {
      throw new Refusal(
          HttpStatus.FORBIDDEN_403,
          "Arguments are shown to the role %s only, and '%s' is %s"
              .formatted(arguments.text(), actor.name(), actor.role().text()));
    }
  }

  private Object view(Actor actor, StoredTask task, boolean masked) {
    return view(task.activation().id(), looks.payloadOf(actor, task), masked);
  }

  /** What is in a payload; values only for who may see them. */
  Map<String, Object> view(String id, byte[] payload, boolean masked) {
    TaskContents contents = reader.read(payload);
    Map<String, Object> headers = new LinkedHashMap<>();
    contents
        .headers()
        .forEach(
            (name, value) ->
                headers.put(name, masked ? "text, " + ArgumentText.characters(value) : value));
    return Json.object(
        "id", id,
        "masked", masked,
        "headers", headers,
        "earlier_tries", contents.earlierTries(),
        "most_tries", contents.mostTries(),
        "encoding", contents.encoding(),
        "bytes", contents.bytes(),
        "arguments", text(contents, masked),
        "unreadable", contents.unreadable());
  }

  private static @Nullable String text(TaskContents contents, boolean masked) {
    if (contents.unreadable() != null) {
      return null;
    }
    String json = contents.json();
    return json == null
        ? ArgumentText.of(contents.arguments(), masked)
        : Json.readAny(json)
            .map(value -> ArgumentText.of(value, masked))
            .orElseGet(() -> ArgumentText.of(json, masked));
  }
}
