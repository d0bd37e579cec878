package io.taskbroker.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class ProgramsTest {
  @Command(name = "play")
  private static final class Play implements Callable<Integer> {
    @Option(names = "--tasks")
    private @Nullable Long tasks;

    @Option(names = "--workers")
    private int workers;

    @Override
    public Integer call() {
      throw new IllegalStateException(workers + " workers do " + tasks);
    }
  }

  @Command(name = "send")
  private static final class Send implements Callable<Integer> {
    @Override
    public Integer call() {
      return 0;
    }
  }

  @Test
  void aCommandThatDoesNotExist_isAnsweredWithThoseThatDo_andNotWithAllOfTheHelp() {
    StringWriter told = new StringWriter();
    CommandLine line = Programs.commandLine(new Play()).setErr(new PrintWriter(told));
    line.addSubcommand(new Send());

    assertThat(line.execute("sned", "x")).isEqualTo(2);
    assertThat(told.toString())
        .contains("'sned'", "Commands are: send", "'play --help' explains it.")
        .doesNotContain("--workers");
  }

  @Test
  void anOptionThatDoesNotExist_isAnsweredWithTheOneThatWasMeant() {
    StringWriter told = new StringWriter();
    CommandLine line = Programs.commandLine(new Play()).setErr(new PrintWriter(told));

    assertThat(line.execute("--task=3")).isEqualTo(2);
    assertThat(told.toString())
        .contains("Unknown option: '--task=3'", "Did you mean --tasks?")
        .doesNotContain("--workers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --tasks=many         | 2 | Invalid value for option '--tasks': 'many' is no whole number
          --workers=1.5        | 2 | Invalid value for option '--workers': '1.5' is no whole number
          --workers=3000000000 | 2 | '3000000000' is no whole number up to 2147483647
          --workers=3          | 1 | play: 3 workers do null
          """)
  void whatIsWrong_isSaidInWords(String argument, int status, String said) {
    StringWriter told = new StringWriter();
    CommandLine line = Programs.commandLine(new Play()).setErr(new PrintWriter(told));

    assertThat(line.execute(argument)).isEqualTo(status);
    assertThat(told.toString()).contains(said).doesNotContain("Exception");
  }
}
