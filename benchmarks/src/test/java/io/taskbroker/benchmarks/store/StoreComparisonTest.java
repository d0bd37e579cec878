package io.taskbroker.benchmarks.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.benchmarks.Figures;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoreComparisonTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Figures figures =
      new Figures(new PrintStream(printed, true, StandardCharsets.UTF_8));

  @Test
  void everyBenchmarkRuns_andSaysHowOursCompares() throws Exception {
    new StoreComparison(Thoroughness.ONCE, figures).run();
    figures.print();

    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.matches("store\\.lifecycle\\.vs_baseline [0-9.]+ x"))
        .anyMatch(line -> line.matches("store\\.add\\.rate [0-9.]+ rows/s"))
        .anyMatch(line -> line.matches("store\\.claim\\.rate [0-9.]+ rows/s"))
        .anyMatch(line -> line.matches("store\\.conclude\\.baseline\\.rate [0-9.]+ rows/s"));
  }
}
