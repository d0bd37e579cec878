package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.Depths;
import java.util.List;

/** What waits for its time, and comes next. */
final class UpcomingLooks {
  private static final int LISTED = 100;

  private final Broker broker;

  UpcomingLooks(Broker broker) {
    this.broker = broker;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/upcoming", (_, said) -> view(said)));
  }

  private Object view(Fields said) {
    int limit = (int) said.number("limit", LISTED, 1, Looks.MOST_LISTED);
    said.end();
    Depths depths = broker.vitals().depths();
    return Json.object(
        "within_the_hour",
        depths.delayed(),
        "later",
        depths.delayedFar(),
        "retry",
        depths.awaitingRetry(),
        "upcoming",
        broker.operations().tasks().upcoming(limit).stream().map(Views::of).toList());
  }
}
