package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.workload.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a worker says to somebody who has mistyped what it is to do. */
class WorkCommandTest {
  private final StringWriter told = new StringWriter();

  private int dev(String... words) {
    PrintWriter err = new PrintWriter(told);
    CommandLine line = Programs.commandLine(new Dev()).setErr(err);
    line.getSubcommands().values().forEach(command -> command.setErr(err));
    return line.execute(words);
  }

  @ParameterizedTest
  @CsvSource({
    "--aplication, --application",
    "--tsaks, --tasks",
    "--applicaton, --application",
  })
  void anOptionThatItDoesNotHave_isRefused_withTheOneThatWasMeant(String typed, String meant) {
    assertThat(dev("work", typed, "3")).isEqualTo(2);
    assertThat(told.toString()).contains("'" + typed + "'", meant, "'taskbroker dev work --help'");
  }

  @Test
  void aWordThatItDoesNotTake_isRefused() {
    assertThat(dev("work", "mail.welcome")).isEqualTo(2);
    assertThat(told.toString()).contains("'mail.welcome'", "'taskbroker dev work --help'");
  }

  @Test
  void anApplicationOfWhichNothingWaits_isNamed_withThoseThatHaveSome() {
    Map<String, Object> answer =
        Map.of(
            "applications",
            List.of(
                Map.of("application", "shop", "pending", 2),
                Map.of("application", "bank", "pending", 1),
                Map.of("application", "idle", "pending", 0)));

    assertThat(WaitingApplications.note(answer, "shpo"))
        .contains("No task of application 'shpo' waits; some of 'bank', 'shop' do");
    assertThat(WaitingApplications.note(answer, "shop")).isEmpty();
    assertThat(WaitingApplications.note(Map.of(), "shpo")).isEmpty();
  }
}
