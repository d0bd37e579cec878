package io.taskbroker.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.benchmarks.command.Outcome.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class OutcomeTest {
  @Test
  void figuresAreToldFromRemarks() {
    Outcome outcome =
        Outcome.of(
            "drain",
            0,
            List.of(
                "broker: java @jvm.options -jar -Xmx1g",
                "drain.rate: ratio of each pair 0.90 0.80",
                "12:00:01 INFO something",
                "",
                "drain.cold.rate 13300 tasks/s",
                "latency.p99_9 -1.25 ms",
                "soak.heap.last_third 45.0 MB,at_most_71:held",
                "longpoll.idle.cpu NaN %_of_a_core"));

    assertThat(outcome.figures())
        .containsExactly(
            new Figure("drain.cold.rate", "13300", "tasks/s"),
            new Figure("latency.p99_9", "-1.25", "ms"),
            new Figure("soak.heap.last_third", "45.0", "MB,at_most_71:held"),
            new Figure("longpoll.idle.cpu", "NaN", "%_of_a_core"));
  }

  @Test
  void tableHasAllFiguresInColumns_andSaysWhatFailed() {
    List<Outcome> outcomes =
        List.of(
            Outcome.of("drain", 0, List.of("drain.rate 13300 tasks/s")),
            Outcome.of("soak --minutes 10", 1, List.of("soak.lost 1.00 tasks,at_most_0:FELL")));

    assertThat(Table.of(outcomes))
        .isEqualTo(
            """
            | benchmark         | figure     | value | unit                 |
            | ----------------- | ---------- | ----- | -------------------- |
            | drain             | drain.rate | 13300 | tasks/s              |
            | soak --minutes 10 | soak.lost  | 1.00  | tasks,at_most_0:FELL |
            | soak --minutes 10 | exit_code  | 1     | FAILED               |\
            """);
  }

  @Test
  void eachBenchmarkIsAmongAll() {
    assertThat(AllCommand.SHORT.stream().map(Entry::name))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            new CommandLine(new Bench())
                .getSubcommands().keySet().stream()
                    .filter(name -> !List.of("all", "help").contains(name))
                    .toList());
  }

  @Test
  void shortLengthsAreThoseThatEachUnderstands() {
    for (Entry entry : AllCommand.SHORT) {
      var bench = new CommandLine(new Bench());
      assertThat(bench.parseArgs(entry.words().toArray(String[]::new)).errors()).isEmpty();
    }
  }
}
