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
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Intake is held by what the engine says it takes of the heap, so that has to be the truth. */
class EngineMemoryTest {
  private static final int ROWS = 50_000;
  private static final int MOST_MEASUREMENTS = 10;
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
    holds(
        i -> row("id-" + i + "-4d7e-8f1a-3b5c9d2e6f70", "shop", "orders", "send", null, null),
        engine -> engine.claims().pull(ClaimFilter.ANY, ROWS, Tasks.NOW));
  }

  private static void holds(IntFunction<Activation> rows) {
    holds(rows, _ -> {});
  }

  /** Measures until two measurements agree: what earlier tests have left may go meanwhile. */
  private static void holds(IntFunction<Activation> rows, Consumer<InflightEngine> more) {
    Size size = measured(rows, more);
    Size last;
    int measurements = 1;
    do {
      assertThat(++measurements).as("measurements").isLessThanOrEqualTo(MOST_MEASUREMENTS);
      last = size;
      size = measured(rows, more);
    } while (Math.abs(size.real() - last.real()) > size.real() / 20);

    assertThat(size.estimated())
        .as("estimated bytes of a row that takes %d", size.real())
        .isBetween(size.real() * 9 / 10, size.real() * 3 / 2);
  }

  /** Bytes of a row. */
  private record Size(long real, long estimated) {}

  private static Size measured(IntFunction<Activation> rows, Consumer<InflightEngine> more) {
    long before = usedHeap();
    var engine = new InflightEngine(new EngineSettings(Duration.ofSeconds(3), 3));
    List<Activation> batch = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      batch.add(rows.apply(i));
      if (batch.size() == 1_000) {
        engine.arrivals().add(Tasks.arriving(batch), Tasks.NOW);
        engine.settle();
        batch = new ArrayList<>();
      }
    }
    more.accept(engine);
    engine.settle();
    long real = (usedHeap() - before) / ROWS;
    return new Size(real, engine.depths().memoryBytes() / ROWS);
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
