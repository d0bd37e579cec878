package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What can be looked at. */
final class Looks {
  static final int MOST_LISTED = 1_000;
  private static final int LISTED = 100;

  /**
   * Lists that are read at a time. Others wait, so whoever lists without pause waits for itself.
   */
  private static final int LISTS = 2;

  private static final int PATIENCE_SECONDS = 5;

  private final Broker broker;
  private final String version;
  private final AdminRole arguments;
  private final Map<String, Object> contract = contract();
  private final Semaphore lists = new Semaphore(LISTS, true);

  /**
   * @param arguments who may see a task's payload
   */
  Looks(Broker broker, String version, AdminRole arguments) {
    this.broker = broker;
    this.version = version;
    this.arguments = arguments;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/openapi.json", (_, _) -> contract),
        Endpoint.get("/api/v1/me", (actor, said) -> only(said, () -> Views.of(actor))),
        Endpoint.get("/api/v1/status", (_, said) -> only(said, this::status)),
        Endpoint.get("/api/v1/queues", (_, said) -> queues(said)),
        Endpoint.get("/api/v1/applications", (_, said) -> only(said, this::applications)),
        Endpoint.get("/api/v1/tasks", (_, said) -> tasks(said)),
        Endpoint.get("/api/v1/task", (_, said) -> task(said)),
        Endpoint.get("/api/v1/payload", this::payload),
        Endpoint.get("/api/v1/why", (_, said) -> why(said)),
        Endpoint.get("/api/v1/pauses", (_, said) -> only(said, this::pauses)),
        Endpoint.get("/api/v1/audit", (_, said) -> only(said, this::audit)));
  }

  private static Object only(Fields said, Supplier<Object> answer) {
    said.end();
    return answer.get();
  }

  private static Map<String, Object> contract() {
    try (InputStream text = Looks.class.getResourceAsStream("openapi.json")) {
      return Json.readObject(Objects.requireNonNull(text, "openapi.json").readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("openapi.json of the jar cannot be read", e);
    }
  }

  /** How the broker is. */
  Object status() {
    Vitals vitals = broker.vitals();
    Optional<String> trouble = broker.health().whyNotReady();
    return Json.object(
        "version", version,
        "ready", trouble.isEmpty(),
        "why_not_ready", trouble.orElse(null),
        "tasks", Views.of(vitals),
        "stalled", Views.explanations(broker.explanations().standing()),
        "pauses", broker.operations().pauses().stream().map(Views::of).toList());
  }

  private Object queues(Fields said) {
    String cursor = said.text("after");
    int limit = (int) said.number("limit", LISTED, 1, MOST_LISTED);
    TaskNames after = cursor == null ? null : namesOf(cursor, said);
    said.end();
    List<TaskCount> counts = tasks().counts(after, limit);
    return Json.object(
        "queues",
        counts.stream().map(Views::of).toList(),
        "next",
        counts.size() < limit ? null : cursorOf(counts.getLast().names()));
  }

  private static String cursorOf(TaskNames names) {
    byte[] text =
        Json.write(
            Json.object("a", names.application(), "n", names.namespace(), "t", names.taskname()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  private static TaskNames namesOf(String cursor, Fields said) {
    try {
      var names = new Fields("after", Json.readObject(Base64.getUrlDecoder().decode(cursor)));
      return new TaskNames(names.needed("a"), names.needed("n"), names.needed("t"));
    } catch (IllegalArgumentException | Refusal _) {
      throw said.wrong("after", "must be the 'next' of an earlier answer");
    }
  }

  private Object applications() {
    return Json.object(
        "applications", broker.explanations().applications().stream().map(Views::of).toList());
  }

  private Object tasks(Fields said) {
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    int limit = (int) said.number("limit", LISTED, 1, MOST_LISTED);
    TaskFilter filter = filterOf(said);
    said.end();
    TaskPage page = inTurn(() -> tasks().list(filter, after, limit));
    return Json.object(
        "tasks",
        page.tasks().stream().map(Views::of).toList(),
        "next",
        page.isLast() ? null : page.last());
  }

  /** Which tasks are meant; those that are over are not, unless they are asked for. */
  static TaskFilter filterOf(Fields said) {
    return new TaskFilter(
        said.text("application"),
        said.text("namespace"),
        said.text("task"),
        statusOf(said),
        said.text("id_part"));
  }

  private static @Nullable Status statusOf(Fields said) {
    String state = said.text("state");
    if (state == null) {
      return null;
    }
    return Arrays.stream(Status.values())
        .filter(status -> Views.nameOf(status).equals(state))
        .findFirst()
        .orElseThrow(
            () ->
                said.wrong(
                    "state",
                    Arrays.stream(Status.values())
                        .map(Views::nameOf)
                        .collect(Collectors.joining(", ", "must be one of ", ""))));
  }

  private Object task(Fields said) {
    StoredTask task = found(said);
    return Json.object(
        "task", Views.of(task), "why", Views.explanations(broker.explanations().of(task)));
  }

  private Object payload(Actor actor, Fields said) {
    if (!actor.role().includes(arguments)) {
      throw new Refusal(
          HttpStatus.FORBIDDEN_403,
          "Arguments are shown to the role %s only, and '%s' is %s"
              .formatted(arguments.text(), actor.name(), actor.role().text()));
    }
    StoredTask task = found(said);
    byte[] payload =
        inTurn(() -> tasks().payload(task.key()))
            .orElseThrow(
                () ->
                    new Refusal(HttpStatus.NOT_FOUND_404, "The task is over: its payload is gone"));
    return Json.object(
        "id", task.activation().id(), "activation", Base64.getEncoder().encodeToString(payload));
  }

  private StoredTask found(Fields said) {
    String id = said.needed("id");
    said.end();
    return tasks()
        .find(id)
        .orElseThrow(
            () ->
                new Refusal(
                    HttpStatus.NOT_FOUND_404,
                    "No task '%s' is stored. It may be over, with another broker, or in a topic still"
                        .formatted(id)));
  }

  private Object why(Fields said) {
    if (said.has("id")) {
      return Json.object("explanations", Views.explanations(broker.explanations().of(found(said))));
    }
    said.end();
    return Json.object("explanations", Views.explanations(broker.explanations().ofEverything()));
  }

  private Object pauses() {
    return Json.object("pauses", broker.operations().pauses().stream().map(Views::of).toList());
  }

  private Object audit() {
    return Json.object("audit", broker.operations().audit().stream().map(Views::of).toList());
  }

  private StoredTasks tasks() {
    return broker.operations().tasks();
  }

  private <T> T inTurn(Supplier<T> reading) {
    try {
      if (!lists.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new Refusal(
            HttpStatus.SERVICE_UNAVAILABLE_503, "Too many lists are asked for; ask again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(HttpStatus.SERVICE_UNAVAILABLE_503, "The broker is stopping");
    }
    try {
      return reading.get();
    } finally {
      lists.release();
    }
  }
}
