package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.letters.DeadLetter;
import io.taskbroker.application.letters.DeadLetterLooks.Expected;
import io.taskbroker.application.letters.DeadLetterLooks.Found;
import io.taskbroker.application.letters.DeadLetterLooks.Group;
import io.taskbroker.application.letters.LetterCodec.Names;
import io.taskbroker.application.letters.LetterFilter;
import io.taskbroker.application.letters.LetterPosition;
import io.taskbroker.application.letters.RunNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers see of dead letters; openapi.json says what each member means. */
final class LetterViews {
  private LetterViews() {}

  /** The spelling of a place in queries and answers. */
  static String place(LetterPosition at) {
    return "%d:%d".formatted(at.partition(), at.offset());
  }

  /**
   * The place that is spelt so.
   *
   * @throws IllegalArgumentException if it is none
   */
  static LetterPosition position(String place) {
    int colon = place.indexOf(':');
    return new LetterPosition(
        Integer.parseInt(place.substring(0, Math.max(0, colon))),
        Long.parseLong(place.substring(colon + 1)));
  }

  static Map<String, Object> of(DeadLetter letter) {
    Names names = letter.names();
    DeadLetter.Source source = letter.source();
    return Json.object(
        "place", place(letter.at()),
        "at", Views.time(letter.timeMs()),
        "id", names == null ? null : names.id(),
        "application", names == null ? null : names.application(),
        "namespace", names == null ? null : names.namespace(),
        "task", names == null ? null : names.taskname(),
        "why", letter.why(),
        "cause", letter.cause(),
        "source_topic", source == null ? null : source.topic(),
        "source_partition", source == null ? null : source.partition(),
        "source_offset", source == null ? null : source.offset());
  }

  static Map<String, Object> of(Group group) {
    Names names = group.names();
    return Json.object(
        "application", names == null ? null : names.application(),
        "namespace", names == null ? null : names.namespace(),
        "task", names == null ? null : names.taskname(),
        "cause", group.cause(),
        "open", group.open(),
        "sendable", group.sendable(),
        "first", Views.time(group.firstMs()),
        "last", Views.time(group.lastMs()));
  }

  /**
   * @param contents what its producer wrote; null if it is no task
   */
  static Map<String, Object> of(Found found, @Nullable Map<String, Object> contents) {
    Map<String, Object> view = of(found.letter());
    view.putAll(
        Json.object(
            "headers", found.headers(),
            "handled", found.handled(),
            "target", found.target(),
            "obstacle", found.obstacle(),
            "new_id", found.newId(),
            "contents", contents));
    return view;
  }

  /** What chosen letters become; null if nothing is chosen that could be sent. */
  static @Nullable List<Object> newTasks(Expected expected) {
    List<Object> tasks = new ArrayList<>();
    expected.newIds().forEach((at, id) -> tasks.add(Json.object("place", place(at), "new_id", id)));
    return tasks.isEmpty() ? null : tasks;
  }

  static Map<String, Object> of(RunNote run) {
    LetterFilter filter = run.filter();
    return Json.object(
        "kind", run.kind().text(),
        "status", run.status().text(),
        "application", filter.application(),
        "namespace", filter.namespace(),
        "task", filter.taskname(),
        "cause", filter.cause(),
        "chosen", filter.chosen().isEmpty() ? null : filter.chosen().size(),
        "rate", run.kind() == RunNote.Kind.DROP ? null : run.rate(),
        "most", run.most() == 0 ? null : run.most(),
        "by", run.by(),
        "reason", run.reason(),
        "begun_at", Views.time(run.begunMs()),
        "at", Views.time(run.atMs()),
        "handled", run.handled(),
        "refused", run.refused(),
        "words", run.words());
  }
}
