package io.taskbroker.proving.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricFamiliesTest {
  private static final List<String> DOCUMENT =
      List.of(
          "| name | type | tags | when | meaning |",
          "| `grpc.request` | c | path | pull | finished calls |",
          "| `upkeep.duration` | h | – | pull | seconds of a pass |",
          "| `stalled` | g | what, reason | trouble | a standstill |",
          "| `upkeep.full_vacuum` | h | – | never | there is none |");

  private static MetricFamilies page(String... output) {
    return new MetricFamilies(List.of(output), DOCUMENT);
  }

  @Test
  void namesWhatIsMissingOnAnOccasion() {
    MetricFamilies page = page("taskbroker_grpc_request counter 7.0");

    assertThat(page.size()).isOne();
    assertThat(page.missing(Set.of("pull")))
        .containsExactly("taskbroker_upkeep_duration histogram is documented and missing");
  }

  @Test
  void namesWhatIsNotDocumented() {
    MetricFamilies page =
        page(
            "taskbroker_grpc_request gauge 7.0",
            "taskbroker_stalled gauge 0.0",
            "taskbroker_upkeep_full_vacuum histogram 0.0");

    assertThat(page.undocumented())
        .containsExactly(
            "taskbroker_grpc_request gauge is not documented",
            "taskbroker_upkeep_full_vacuum histogram is not documented");
  }

  @Test
  void tellsWhatIsCounted() {
    MetricFamilies page = page("taskbroker_grpc_request counter 7.0");

    assertThat(page.counted("grpc.request")).isEqualTo(7);
    assertThat(page.counted("grpc.unheard")).isZero();
  }
}
