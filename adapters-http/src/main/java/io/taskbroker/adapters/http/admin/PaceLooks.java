package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.operations.Pace;
import io.taskbroker.application.operations.Paces;
import io.taskbroker.domain.TimeSource;
import java.util.List;

/** How fast tasks went lately. */
final class PaceLooks {
  private static final int LISTED = 100;

  private final Lately<Paces.Report> paces;

  PaceLooks(Broker broker, TimeSource time) {
    this.paces = new Lately<>(() -> broker.paces().report(Looks.MOST_LISTED), time);
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/paces", (_, said) -> view(said)));
  }

  private Object view(Fields said) {
    int limit = (int) said.number("limit", LISTED, 1, Looks.MOST_LISTED);
    said.end();
    Paces.Report report = paces.value();
    long left = report.tasks().stream().skip(limit).mapToLong(Pace::ended).sum();
    return Json.object(
        "over_seconds",
        report.over().toSeconds(),
        "tasks",
        report.tasks().stream().limit(limit).map(Views::of).toList(),
        "others",
        report.others() + left,
        "applications",
        report.applications().stream().map(Views::of).toList());
  }
}
