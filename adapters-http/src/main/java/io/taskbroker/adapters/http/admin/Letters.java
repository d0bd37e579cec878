package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.letters.DeadLetter;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.DeadLetterLooks.Expected;
import io.taskbroker.application.letters.DeadLetterLooks.Found;
import io.taskbroker.application.letters.DeadLetterLooks.Groups;
import io.taskbroker.application.letters.DeadLetterLooks.Page;
import io.taskbroker.application.letters.DeadLetterLooks.Place;
import io.taskbroker.application.letters.LetterFilter;
import io.taskbroker.application.letters.LetterPosition;
import io.taskbroker.application.letters.RunNote;
import io.taskbroker.application.letters.RunNote.Kind;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** Dead letters: what can be looked at, and what can be ordered. */
final class Letters {
  private static final String LIST = "/api/v1/dead-letters";
  private static final String ONE = "/api/v1/dead-letter";
  private static final int LISTED = 50;

  private final Optional<DeadLetterDesk> desk;
  private final Operations operations;
  private final Contents contents;

  /**
   * @param desk empty if this broker shows none
   * @param contents shows what producers wrote, masked or not
   */
  Letters(Optional<DeadLetterDesk> desk, Operations operations, Contents contents) {
    this.desk = desk;
    this.operations = operations;
    this.contents = contents;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(LIST, (_, said) -> list(said)),
        Endpoint.get(LIST + "/groups", (_, said) -> groups(said)),
        Endpoint.get(LIST + "/run", (_, said) -> run(said)),
        Endpoint.get(ONE, (_, said) -> masked(said)),
        new Endpoint(HttpMethod.POST, ONE, AdminRole.VIEWER, this::shown),
        Endpoint.post(LIST + "/requeue", (actor, said) -> begin(Kind.REQUEUE, actor, said)),
        Endpoint.post(LIST + "/drop", (actor, said) -> begin(Kind.DROP, actor, said)),
        Endpoint.post(LIST + "/stop", this::stop),
        Endpoint.post(LIST + "/resume", this::resume));
  }

  private DeadLetterDesk desk() {
    return desk.orElseThrow(
        () -> new Refusal(HttpStatus.NOT_FOUND_404, "This broker shows no dead letters"));
  }

  // ---------------------------------------------------------------- looks

  private Object list(Fields said) {
    LetterFilter filter = filterOf(said);
    boolean handled = isHandled(said);
    Place after = after(said);
    int limit = (int) said.number("limit", LISTED, 1, Looks.MOST_LISTED);
    said.end();
    Page page = desk().looks().page(filter, handled, after, limit);
    DeadLetter last = page.after();
    return Json.object(
        "letters",
        page.letters().stream().map(LetterViews::of).toList(),
        "next",
        last == null ? null : "%d:%s".formatted(last.timeMs(), LetterViews.place(last.at())),
        "not_looked_at",
        page.older(),
        "to_be_read",
        page.unread());
  }

  private static boolean isHandled(Fields said) {
    String state = said.text("state");
    return switch (state) {
      case null -> false;
      case "open" -> false;
      case "handled" -> true;
      default -> throw said.wrong("state", "must be one of open, handled");
    };
  }

  private static @Nullable Place after(Fields said) {
    String cursor = said.text("after");
    if (cursor == null) {
      return null;
    }
    try {
      int colon = cursor.indexOf(':');
      return new Place(
          Long.parseLong(cursor.substring(0, Math.max(0, colon))),
          LetterViews.position(cursor.substring(colon + 1)));
    } catch (IllegalArgumentException _) {
      throw said.wrong("after", "must be the 'next' of an earlier answer");
    }
  }

  private Object groups(Fields said) {
    said.end();
    Groups groups = desk().looks().groups();
    return Json.object(
        "topic", desk().topic(),
        "open", groups.open(),
        "groups", groups.groups().stream().map(LetterViews::of).toList(),
        "not_looked_at", groups.older(),
        "to_be_read", groups.unread(),
        "run", desk().run().map(LetterViews::of).orElse(null));
  }

  private Object run(Fields said) {
    said.end();
    return Json.object("run", desk().run().map(LetterViews::of).orElse(null));
  }

  private Object masked(Fields said) {
    String id = said.text("id");
    if (id == null) {
      LetterPosition at = placeOf(said);
      said.end();
      return view(found(at), true);
    }
    said.end();
    return view(
        desk()
            .looks()
            .find(id)
            .orElseThrow(
                () ->
                    new Refusal(
                        HttpStatus.NOT_FOUND_404,
                        "No dead letter of a task '%s' is known. It may not have left its broker yet, or Kafka may have deleted it"
                            .formatted(id))),
        true);
  }

  private Object shown(Actor actor, Fields said) {
    contents.admit(actor);
    Order order = Orders.order(actor, said);
    LetterPosition at = placeOf(said);
    said.end();
    Found found = found(at);
    return operations.look(
        order,
        "show the arguments of the dead letter %s".formatted(at.words()),
        () -> view(found, false));
  }

  private static LetterPosition placeOf(Fields said) {
    String place = said.needed("place");
    try {
      return LetterViews.position(place);
    } catch (IllegalArgumentException _) {
      throw said.wrong("place", "must be PARTITION:OFFSET, such as 0:51007");
    }
  }

  private Found found(LetterPosition at) {
    return desk()
        .looks()
        .find(at)
        .orElseThrow(
            () ->
                new Refusal(
                    HttpStatus.NOT_FOUND_404,
                    "No dead letter lies in %s %s. Kafka may have deleted it"
                        .formatted(desk().topic(), at.words())));
  }

  private Object view(Found found, boolean masked) {
    byte[] value = found.record().value();
    return LetterViews.of(
        found,
        value == null || found.letter().names() == null
            ? null
            : contents.view(found.letter().names().id(), value, masked));
  }

  // ---------------------------------------------------------------- orders

  private Object begin(Kind kind, Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    LetterFilter filter = meant(said);
    boolean dryRun = said.flag("dry_run", true);
    int rate =
        kind == Kind.DROP ? 1 : (int) said.number("rate", 10, 1, DeadLetterDesk.HIGHEST_RATE);
    long most = said.number("most", 0, 0, Long.MAX_VALUE);
    said.end();
    Expected expected = desk().looks().expected(kind, filter);
    // A run of nothing would take the place of the last one's result.
    RunNote run =
        dryRun || expected.isNothing() ? null : desk().begin(order, kind, filter, rate, most);
    return Json.object(
        "dry_run", dryRun,
        "open", expected.open(),
        "refused", expected.refused(),
        "not_looked_at", expected.older(),
        "new_tasks", LetterViews.newTasks(expected),
        "run", run == null ? null : LetterViews.of(run));
  }

  /** All that a filter finds, or those that are named: never all because nothing was said. */
  private static LetterFilter meant(Fields said) {
    Fields filter = said.object("filter");
    List<String> places = said.texts("places", LetterFilter.MOST_CHOSEN);
    boolean areNamed = said.has("places");
    if (areNamed == (filter != null) || (areNamed && places.isEmpty())) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST_400,
          "Say which: some by their 'places', or all that a 'filter' finds, which may be empty");
    }
    if (filter != null) {
      LetterFilter which = filterOf(filter);
      filter.end();
      return which;
    }
    try {
      return new LetterFilter(
          null, null, null, null, places.stream().map(LetterViews::position).toList());
    } catch (IllegalArgumentException _) {
      throw said.wrong("places", "must have texts such as 0:51007");
    }
  }

  private static LetterFilter filterOf(Fields said) {
    return new LetterFilter(
        said.text("application"),
        said.text("namespace"),
        said.text("task"),
        said.text("cause"),
        List.of());
  }

  private Object stop(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    said.end();
    return Json.object("run", LetterViews.of(desk().stop(order)));
  }

  private Object resume(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    said.end();
    return Json.object("run", LetterViews.of(desk().resume(order)));
  }
}
