package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.operations.AbsentWorkers;
import io.taskbroker.application.operations.Explanation;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.WorkerSight;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What can be looked at. */
final class Looks {
  static final String STATUS = "/api/v1/status";
  static final String ME = "/api/v1/me";
  static final String CONTRACT = "/api/v1/openapi.json";
  static final int MOST_LISTED = 1_000;
  private static final int LISTED = 100;

  /** A hundred years: nothing is older. */
  private static final long GREATEST_AGE_SECONDS = 36_525L * 24 * 3600;

  private final Broker broker;
  private final String version;
  private final AdminRole arguments;
  private final TimeSource time;
  private final RecentPast past;
  private final ListTurns turns;
  private final Map<String, Object> contract = contract();

  /**
   * @param arguments who may see a task's payload
   */
  Looks(
      Broker broker,
      String version,
      AdminRole arguments,
      TimeSource time,
      RecentPast past,
      ListTurns turns) {
    this.broker = broker;
    this.version = version;
    this.arguments = arguments;
    this.time = time;
    this.past = past;
    this.turns = turns;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(CONTRACT, (_, _) -> contract),
        Endpoint.get(ME, (actor, said) -> only(said, () -> Views.of(actor))),
        Endpoint.get(STATUS, (_, said) -> only(said, this::status)),
        Endpoint.get("/api/v1/history", (_, said) -> only(said, past::view)),
        Endpoint.get("/api/v1/queues", this::queues),
        Endpoint.get("/api/v1/applications", (_, said) -> only(said, this::applications)),
        Endpoint.get("/api/v1/workers", this::workers),
        Endpoint.get("/api/v1/called-workers", (_, said) -> only(said, this::calledWorkers)),
        Endpoint.get("/api/v1/tasks", this::tasks),
        Endpoint.get("/api/v1/task", (_, said) -> task(said)),
        Endpoint.get("/api/v1/payload", this::payload),
        Endpoint.get("/api/v1/why", (_, said) -> why(said)),
        Endpoint.get("/api/v1/pauses", (_, said) -> only(said, this::pauses)),
        Endpoint.get("/api/v1/drain", (_, said) -> only(said, this::drain)),
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
        "now", Views.time(time.now().wallMs()),
        "tasks", Views.of(vitals),
        "flow", Views.of(vitals.flow()),
        "stalled", Views.explanations(broker.explanations().standing()),
        "pauses", broker.operations().pauses().stream().map(Views::of).toList(),
        "drain", broker.draining().sight().map(Views::of).orElse(null));
  }

  private Object queues(Actor actor, Fields said) {
    String cursor = said.text("after");
    int limit = (int) said.number("limit", LISTED, 1, MOST_LISTED);
    TaskNames after = cursor == null ? null : namesOf(cursor, said);
    said.end();
    List<TaskCount> counts = turns.take(actor, () -> tasks().counts(after, limit));
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
    List<Pause> pauses = broker.operations().pauses();
    return Json.object(
        "applications",
        broker.explanations().applications().stream()
            .map(depth -> Views.of(depth, AbsentWorkers.isAbsent(depth, pauses)))
            .toList());
  }

  private Object workers(Actor actor, Fields said) {
    String after = said.text("after");
    int limit = (int) said.number("limit", LISTED, 1, MOST_LISTED);
    said.end();
    List<WorkerSight> workers = turns.take(actor, () -> tasks().workers(after, limit));
    return Json.object(
        "workers",
        workers.stream()
            .map(
                one ->
                    Views.of(
                        one,
                        broker.dispatch().programs().of(one.worker()),
                        broker.dispatch().departed().goneMs(one.worker())))
            .toList(),
        "next",
        workers.size() < limit ? null : workers.getLast().worker());
  }

  private Object calledWorkers() {
    return Json.object("called_workers", broker.calledWorkers().stream().map(Views::of).toList());
  }

  private Object tasks(Actor actor, Fields said) {
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    int limit = (int) said.number("limit", LISTED, 1, MOST_LISTED);
    TaskFilter filter = filterOf(said, time);
    Ending ending = endingOf(said, filter);
    said.end();
    if (filter.status() == Status.COMPLETE) {
      EndedPage page = tasks().ended(filter, ending, after, limit);
      return Json.object(
          "tasks",
          page.tasks().stream().filter(task -> !isStored(task)).map(Views::of).toList(),
          "next",
          page.next() == 0 ? null : page.next());
    }
    TaskPage page = turns.take(actor, () -> tasks().list(filter, after, limit));
    return Json.object(
        "tasks",
        page.tasks().stream().map(Views::of).toList(),
        "next",
        page.isLast() ? null : page.last());
  }

  private static @Nullable Ending endingOf(Fields said, TaskFilter filter) {
    String outcome = said.text("outcome");
    if (outcome == null) {
      return null;
    }
    if (filter.status() != Status.COMPLETE) {
      throw said.wrong("outcome", "goes with state=complete only");
    }
    return Arrays.stream(Ending.values())
        .filter(ending -> ending.text().equals(outcome))
        .findFirst()
        .orElseThrow(
            () ->
                said.wrong(
                    "outcome",
                    Arrays.stream(Ending.values())
                        .map(Ending::text)
                        .collect(Collectors.joining(", ", "must be one of ", ""))));
  }

  /** Which tasks are meant; those that are over are not, unless they are asked for. */
  static TaskFilter filterOf(Fields said, TimeSource time) {
    return new TaskFilter(
        said.text("application"),
        said.text("namespace"),
        said.text("task"),
        statusOf(said),
        said.text("id_part"),
        receivedBefore(said, time));
  }

  /** What is exactly so old is meant, too. */
  private static @Nullable Long receivedBefore(Fields said, TimeSource time) {
    long seconds = said.number("older_than_seconds", -1, 0, GREATEST_AGE_SECONDS);
    return seconds < 0 ? null : time.now().wallMs() - seconds * 1_000 + 1;
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
    String id = said.needed("id");
    said.end();
    return ended(id)
        .map(task -> view(Views.of(task), List.of(broker.explanations().of(task)), task.key()))
        .orElseGet(
            () -> {
              StoredTask task = stored(id);
              return view(Views.of(task), broker.explanations().of(task), task.key());
            });
  }

  /** A task, why it stands where it stands, and what operators did to it. */
  private Map<String, Object> view(Map<String, Object> task, List<Explanation> why, long key) {
    return Json.object(
        "task",
        task,
        "why",
        Views.explanations(why),
        "orders",
        broker.operations().ordersAbout(key).stream().map(Views::of).toList());
  }

  private Object payload(Actor actor, Fields said) {
    if (!actor.role().includes(arguments)) {
      throw new Refusal(
          HttpStatus.FORBIDDEN_403,
          "Arguments are shown to the role %s only, and '%s' is %s"
              .formatted(arguments.text(), actor.name(), actor.role().text()));
    }
    StoredTask task = found(said);
    return Json.object(
        "id",
        task.activation().id(),
        "activation",
        Base64.getEncoder().encodeToString(payloadOf(actor, task)));
  }

  /** What its producer wrote. */
  byte[] payloadOf(Actor actor, StoredTask task) {
    return turns
        .take(actor, () -> tasks().payload(task.key()))
        .orElseThrow(
            () -> new Refusal(HttpStatus.NOT_FOUND_404, "The task is over: its payload is gone"));
  }

  /** The one whose id was said, and nothing else. */
  StoredTask found(Fields said) {
    String id = said.needed("id");
    said.end();
    return stored(id);
  }

  /** The task of this id that has ended last, unless one is stored that has not. */
  private Optional<EndedTask> ended(String id) {
    return isStored(id) ? Optional.empty() : tasks().findEnded(id);
  }

  /** A failed task that is kept has ended, too; it is listed in one state, not in two. */
  private boolean isStored(EndedTask task) {
    return isStored(task.activation().id());
  }

  private boolean isStored(String id) {
    return tasks().find(id).filter(task -> task.state().status() != Status.COMPLETE).isPresent();
  }

  private StoredTask stored(String id) {
    return tasks().find(id).orElseThrow(() -> notStored(id));
  }

  private static Refusal notStored(String id) {
    return new Refusal(
        HttpStatus.NOT_FOUND_404,
        "No task '%s' is stored. It may be over: what has ended is remembered for store.keep_ended_for, until the broker stops, and 'taskbroker dead-letters show ID' finds what became a dead letter. Or it is with another broker, or in a topic still"
            .formatted(id));
  }

  private Object why(Fields said) {
    String id = said.text("id");
    if (id != null) {
      said.end();
      return Json.object(
          "explanations",
          Views.explanations(
              ended(id)
                  .map(task -> List.of(broker.explanations().of(task)))
                  .or(() -> tasks().find(id).map(broker.explanations()::of))
                  .or(() -> broker.explanations().ofSentAgain(id).map(List::of))
                  .orElseThrow(() -> notStored(id))));
    }
    said.end();
    return Json.object("explanations", Views.explanations(broker.explanations().ofEverything()));
  }

  private Object pauses() {
    return Json.object("pauses", broker.operations().pauses().stream().map(Views::of).toList());
  }

  private Object drain() {
    return Json.object("drain", broker.draining().sight().map(Views::of).orElse(null));
  }

  private Object audit() {
    return Json.object("audit", broker.operations().audit().stream().map(Views::of).toList());
  }

  private StoredTasks tasks() {
    return broker.operations().tasks();
  }
}
