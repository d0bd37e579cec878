package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Lane;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what has left through Kafka. Safe for all threads. */
public final class PublishedCounts {
  private final Map<Lane, LongAdder> published = new EnumMap<>(Lane.class);

  public PublishedCounts() {
    for (Lane lane : Lane.values()) {
      published.put(lane, new LongAdder());
    }
  }

  void published(Lane lane, int rows) {
    of(lane).add(rows);
  }

  /** How many since this was last asked. */
  long takePublished(Lane lane) {
    return of(lane).sumThenReset();
  }

  private LongAdder of(Lane lane) {
    LongAdder count = published.get(lane);
    if (count == null) {
      throw new IllegalArgumentException("no lane " + lane);
    }
    return count;
  }
}
