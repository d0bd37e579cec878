package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Intake is held by what the engine says it takes of the heap, so that has to be the truth. */
class EngineMemoryTest {
  private static final int ROWS = 50_000;
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  @Test
  void estimate_ofOrdinaryRows() {
    holds(i -> row("id-" + i + "-4d7e-8f1a-3b5c9d2e6f70", "shop", "orders", "send", null, null));
  }

  @Test
  void estimate_ofRowsWithEveryTime() {
    holds(
        i ->
            row(
                "id-" + i + "-4d7e-8f1a-3b5c9d2e6f70",
                "shop",
                "orders",
                "send",
                Tasks.NOW.wallMs() + HOUR_MS + i,
                Tasks.NOW.wallMs() + 2 * HOUR_MS + i));
  }

  @Test
  void estimate_ofRowsThatShareNoNames() {
    holds(i -> row("id-" + i, "application-" + i, "namespace-" + i, "task-" + i, null, null));
  }

  @Test
  void estimate_ofRowsWithLongTextsBeyondLatin() {
    String letters = "\u4efb".repeat(200);
    holds(i -> row(letters + i, "shop", "orders", letters + i, null, null));
  }

  @Test
  void estimate_ofRowsWithWorkers() {
    var engine = new InflightEngine(new EngineSettings(Duration.ofSeconds(3), 3));
    holds(
        engine,
        i -> row("id-" + i + "-4d7e-8f1a-3b5c9d2e6f70", "shop", "orders", "send", null, null),
        () -> engine.claims().pull(ClaimFilter.ANY, ROWS, Tasks.NOW));
  }

  private static void holds(IntFunction<Activation> rows) {
    var engine = new InflightEngine(new EngineSettings(Duration.ofSeconds(3), 3));
    holds(engine, rows, () -> {});
  }

  private static void holds(InflightEngine engine, IntFunction<Activation> rows, Runnable more) {
    long before = usedHeap();
    List<Activation> batch = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      batch.add(rows.apply(i));
      if (batch.size() == 1_000) {
        engine.arrivals().add(Tasks.arriving(batch), Tasks.NOW);
        engine.settle();
        batch = new ArrayList<>();
      }
    }
    more.run();
    engine.settle();
    long real = (usedHeap() - before) / ROWS;
    long estimated = engine.depths().memoryBytes() / ROWS;

    assertThat(estimated)
        .as("estimated bytes of a row that takes %d", real)
        .isBetween(real * 9 / 10, real * 3 / 2);
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static Activation row(
      String id,
      String application,
      String namespace,
      String task,
      @Nullable Long untilMs,
      @Nullable Long expiresMs) {
    return new Activation(
        id,
        application,
        namespace,
        task,
        new Partition("taskworker", 0),
        0,
        Tasks.NOW.wallMs(),
        Tasks.NOW.wallMs(),
        expiresMs,
        untilMs,
        10,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.UNSPECIFIED,
        1_000,
        null);
  }
}
