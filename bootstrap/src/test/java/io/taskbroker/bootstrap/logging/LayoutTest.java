package io.taskbroker.bootstrap.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LayoutTest {
  private final LoggerContext context = new LoggerContext();

  @Test
  void text_isOneLineOfTimeLevelTargetMessageAndFields() {
    LoggingEvent event = event(Level.DEBUG, "upkeep.complete", null);
    event.addKeyValuePair(new KeyValuePair("result_context.claim_expiration_reset", 5));
    event.addKeyValuePair(new KeyValuePair("topic", "a b"));

    assertThat(plain(event))
        .isEqualTo(
            "2026-07-01T12:00:00.123000Z DEBUG taskbroker::upkeep: upkeep.complete"
                + " result_context.claim_expiration_reset=5 topic=a b\n");
  }

  @Test
  void text_colouredErrorsAreFoundByTheirSequence() {
    String line =
        new TextLayout(TextLayout.Style.COLOURED).doLayout(event(Level.ERROR, "no", null));

    assertThat(line).contains("\u001b[31mERROR\u001b[0m");
  }

  @Test
  void text_shorterLevelsAreRightAligned() {
    assertThat(plain(event(Level.INFO, "x", null))).contains("Z  INFO taskbroker");
  }

  @Test
  void text_nothingThatIsLoggedBeginsALineOrColoursOne() {
    LoggingEvent event = event(Level.INFO, "a\nERROR forged \u001b[31m\r", null);
    event.addKeyValuePair(new KeyValuePair("id", "x\ny"));

    assertThat(plain(event))
        .contains("a\\nERROR forged \\u001b[31m\\u000d id=x\\ny\n")
        .hasLineCount(1);
  }

  @Test
  void text_aBlockFollowsItsLine() {
    LoggingEvent event = event(Level.INFO, "Configuration", null);
    event.addKeyValuePair(new KeyValuePair("config", new Multiline("a: 1\nb:\n  c: 2\n")));

    assertThat(plain(event)).endsWith(": Configuration\n  config:\n    a: 1\n    b:\n      c: 2\n");
  }

  @Test
  void text_aThrowableFollowsItsLine() {
    String text = plain(event(Level.ERROR, "failed", new IllegalStateException("why")));

    assertThat(text).contains(": failed\n  java.lang.IllegalStateException: why\n    at ");
  }

  @Test
  void text_noLineOfAThrowableLooksLikeOneOfOurs() {
    String forged = "why\n2026-07-01T12:00:00.123000Z ERROR taskbroker: forged\r\u001b[31mred";

    String text = plain(event(Level.ERROR, "failed", new IllegalStateException(forged)));

    assertThat(text.lines().skip(1)).allMatch(line -> line.startsWith("  "));
    assertThat(text).contains("\n  2026-07-01T12:00:00.123000Z ERROR").doesNotContain("\u001b");
  }

  @Test
  void text_theDirectionOfALineIsOurs() {
    String text = plain(event(Level.INFO, "a\u202eb\u2028\u2029c\u2066d \u05d0\u200d", null));

    assertThat(text).contains("a\\u202eb\\u2028\\u2029c\\u2066d \u05d0\u200d\n");
  }

  @Test
  void json_isOneObjectWithItsFieldsBesideTheOthers() {
    LoggingEvent event = event(Level.WARN, "say \"x\"\n", new IllegalStateException("why"));
    event.addKeyValuePair(new KeyValuePair("count", 5L));
    event.addKeyValuePair(new KeyValuePair("ok", true));
    event.addKeyValuePair(new KeyValuePair("none", null));
    event.addKeyValuePair(new KeyValuePair("half", "\ud83d"));
    event.addKeyValuePair(new KeyValuePair("whole", "\ud83d\ude00"));
    event.addKeyValuePair(new KeyValuePair("tab\t", new Multiline("a\nb")));
    event.setCallerData(
        new StackTraceElement[] {new StackTraceElement("C", "m", "Upkeep.java", 42)});

    String json = new JsonLayout().doLayout(event);

    assertThat(json)
        .hasLineCount(1)
        .startsWith(
            "{\"timestamp\":\"2026-07-01T12:00:00.123000Z\",\"level\":\"WARN\",\"message\":\"say"
                + " \\\"x\\\"\\n\",\"count\":5,\"ok\":true,\"none\":null,\"half\":\"\\ud83d\","
                + "\"whole\":\"\ud83d\ude00\",\"tab\\u0009\":\"a\\nb\",\"exception\":\"java.lang.")
        .contains(
            "\"target\":\"taskbroker::upkeep\",\"filename\":\"Upkeep.java\",\"line_number\":42")
        .endsWith(
            ",\"span\":{\"name\":\"main\"},\"spans\":[{\"name\":\"main\"}],\"thread\":\"main\"}\n");
  }

  @Test
  void json_theDirectionOfALineIsOurs() {
    String json = new JsonLayout().doLayout(event(Level.INFO, "a\u202eb\u2028c\u05d0\u200d", null));

    assertThat(json).contains("\"a\\u202eb\\u2028c\u05d0\u200d\"");
  }

  @Test
  void json_listsAndMappingsStayWhatTheyAre() {
    LoggingEvent event = event(Level.INFO, "x", null);
    event.addKeyValuePair(new KeyValuePair("map", Map.of("a", List.of(1, "b"))));

    assertThat(new JsonLayout().doLayout(event)).contains("\"map\":{\"a\":[1,\"b\"]}");
  }

  private static String plain(LoggingEvent event) {
    return new TextLayout(TextLayout.Style.PLAIN).doLayout(event);
  }

  private LoggingEvent event(Level level, String message, @Nullable Throwable thrown) {
    Logger logger = context.getLogger("taskbroker::upkeep");
    var event = new LoggingEvent("fqcn", logger, level, message, thrown, null);
    event.setInstant(Instant.parse("2026-07-01T12:00:00.123Z"));
    event.setThreadName("main");
    return event;
  }
}
