package io.taskbroker.benchmarks.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.Compared.Larger;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparedTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Figures figures =
      new Figures(new PrintStream(printed, true, StandardCharsets.UTF_8));

  private List<String> said(Larger larger) {
    new Compared<>(List.of(10.0, 20.0, 40.0), List.of(9.0, 16.0, 38.0))
        .addTo(figures, "some", "units", larger, value -> value);
    figures.print();
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void ratiosAreOfPairs_andBelowOneWhereOnlookersMakeItWorse() {
    assertThat(said(Larger.BETTER))
        .contains(
            "some: ratio of each pair 0.90 0.80 0.95",
            "some.alone 20.0 units",
            "some.watched 16.0 units",
            "some.ratio 0.90 of_1");
  }

  @Test
  void ofWhatShouldBeSmall_theyAreTurnedAround() {
    assertThat(said(Larger.WORSE)).contains("some.ratio 1.11 of_1");
  }
}
