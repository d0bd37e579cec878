package io.taskbroker.benchmarks.postgres;

import java.util.Locale;

/** What can be asked for by name. */
enum Part {
  LIFECYCLE,
  BACKLOG,
  SNAPSHOT,
  FRESH,
  BROKERS,
  DELAY,
  LATENCY,
  DRAIN,
  IDLE;

  void measure(Stage stage) {
    switch (this) {
      case LIFECYCLE -> StoreParts.lifecycle(stage);
      case BACKLOG -> StoreParts.backlog(stage);
      case SNAPSHOT -> StoreParts.snapshot(stage);
      case FRESH -> StoreParts.fresh(stage);
      case BROKERS -> DistanceParts.brokers(stage);
      case DELAY -> DistanceParts.delay(stage);
      case LATENCY -> DistanceParts.latency(stage);
      case DRAIN -> PackagedParts.drain(stage);
      case IDLE -> PackagedParts.idle(stage);
    }
  }

  /** As it is asked for. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
