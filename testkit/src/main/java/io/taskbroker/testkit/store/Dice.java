package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Chooses among few names, so that they meet again and again. */
final class Dice {
  private static final int IDS = 24;
  static final List<String> APPLICATIONS = List.of("shop", "billing", "");
  static final List<String> NAMESPACES = List.of("orders", "returns");
  static final List<String> TASKNAMES = List.of("send", "count", "clean", "rare");
  static final List<Partition> PARTITIONS =
      List.of(Activations.ORIGIN, new Partition("taskworker", 1), new Partition("long", 0));

  private static final List<String> WORKERS = List.of("10.0.0.5:1", "", "10.0.0.5:2", "[::1]:3");

  private final Random random;
  private int calls;

  Dice(Random random) {
    this.random = random;
  }

  <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  String id() {
    return "t" + random.nextInt(IDS);
  }

  List<String> ids() {
    return Stream.generate(this::id).limit(1 + random.nextInt(6)).toList();
  }

  /** 0 for the latest claim of a row, 1 for the one before. */
  int age() {
    return random.nextInt(4) == 0 ? 1 : 0;
  }

  /** One after the other; the empty name is nobody's. */
  String worker() {
    return WORKERS.get(calls++ % WORKERS.size());
  }

  ClaimFilter filter() {
    return switch (random.nextInt(3)) {
      case 0 -> ClaimFilter.ANY;
      case 1 -> new ClaimFilter(any(APPLICATIONS), null);
      default -> new ClaimFilter(any(APPLICATIONS), any(NAMESPACES));
    };
  }

  PauseTarget target() {
    return switch (random.nextInt(4)) {
      case 0 -> PauseTarget.ofApplication(any(APPLICATIONS));
      case 1 -> new PauseTarget(any(APPLICATIONS), any(NAMESPACES), null, null);
      case 2 -> new PauseTarget(null, null, any(TASKNAMES), null);
      default -> new PauseTarget(null, null, null, any(PARTITIONS).topic());
    };
  }

  TaskFilter taskFilter() {
    return new TaskFilter(
        random.nextBoolean() ? null : any(APPLICATIONS),
        random.nextBoolean() ? null : any(NAMESPACES),
        random.nextBoolean() ? null : any(TASKNAMES),
        random.nextBoolean() ? null : any(List.of(Status.values())),
        random.nextBoolean() ? null : "1",
        random.nextBoolean() ? null : SettableTime.START.wallMs() + random.nextInt(60_000));
  }

  Report report() {
    RetryOverride retry =
        switch (random.nextInt(4)) {
          case 0 -> new RetryOverride(random.nextInt(9), null);
          case 1 -> new RetryOverride(null, random.nextLong(99));
          default -> RetryOverride.NONE;
        };
    return new Report(id(), any(List.of(Conclusion.values())), retry);
  }
}
