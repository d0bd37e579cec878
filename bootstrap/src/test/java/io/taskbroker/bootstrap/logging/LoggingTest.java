package io.taskbroker.bootstrap.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.taskbroker.settings.LogFormat;
import io.taskbroker.settings.LogSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoggingTest {
  @Test
  void whatTheFilterLetsThroughGoesToStandardError() {
    String logged = logged("info,taskbroker::upkeep=debug", LogFormat.TEXT, "1");

    assertThat(logged.lines())
        .hasSize(2)
        .anyMatch(line -> line.endsWith("DEBUG taskbroker::upkeep: debug"))
        .anyMatch(line -> line.endsWith(" INFO taskbroker::store: info"));
  }

  @Test
  void coloursAreLeftOutOnlyWhenAskedFor() {
    assertThat(logged("info", LogFormat.TEXT, null)).contains("\u001b[");
    assertThat(logged("info", LogFormat.TEXT, "")).contains("\u001b[");
    assertThat(logged("info", LogFormat.TEXT, "1")).doesNotContain("\u001b[");
    assertThat(logged("info", LogFormat.JSON, null)).doesNotContain("\u001b[").startsWith("{");
  }

  @Test
  void whatIsSaidAgainAndAgain_isCounted_andItsStackIsShownOnce() {
    String logged =
        logged(
            new LogSettings("info", LogFormat.TEXT),
            "1",
            context -> {
              var logger = context.getLogger("taskbroker::store");
              for (int i = 0; i < 1_000; i++) {
                logger.warn("row {} cannot be written", i, new IOException("no space"));
              }
            });

    assertThat(logged.lines().filter(line -> line.contains("cannot be written")))
        .hasSize(Repetitions.MOST_LINES)
        .last()
        .asString()
        .endsWith(
            "row %d cannot be written (java.io.IOException: no space)"
                .formatted(Repetitions.MOST_LINES - 1));
    assertThat(logged.lines().filter(line -> line.contains("at io.taskbroker"))).isNotEmpty();
    assertThat(logged.lines().filter(line -> line.startsWith("  java.io.IOException"))).hasSize(1);
  }

  private static String logged(String filter, LogFormat format, @Nullable String noColor) {
    return logged(
        new LogSettings(filter, format),
        noColor,
        context -> {
          context.getLogger("taskbroker::upkeep").debug("debug");
          context.getLogger("taskbroker::upkeep").trace("trace");
          context.getLogger("taskbroker::store").info("info");
          context.getLogger("taskbroker::store").debug("debug");
        });
  }

  private static String logged(
      LogSettings settings, @Nullable String noColor, Consumer<LoggerContext> program) {
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
    PrintStream before = System.err;
    var bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      Logging.apply(context, settings, noColor);
      program.accept(context);
    } finally {
      System.setErr(before);
      context.stop();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
