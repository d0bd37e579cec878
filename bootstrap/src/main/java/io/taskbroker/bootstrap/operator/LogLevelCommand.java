package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code taskbroker log-level}: shows what a running broker logs, or changes it. */
@Command(
    name = "log-level",
    mixinStandardHelpOptions = true,
    description = {
      "Logs more or less on a running broker, until 'log-level configured', the end of --for, or the",
      "end of the broker: the next start logs as configured. Without a level it shows what is logged."
    })
public final class LogLevelCommand extends Question {
  private static final String PATH = "/api/v1/log-level";
  private static final String CONFIGURED = "configured";

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "LEVEL",
      description = "off, error, warn, info, debug or trace; or configured, to end a change.")
  private @Nullable String level;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TARGET",
      description = {
        "Of loggers whose names begin so, such as taskbroker::store.",
        "Default: of all that have no level of their own."
      })
  private @Nullable String target;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description = "It ends by itself after that, such as 90s, 10m, 2h or 1d.")
  private @Nullable Duration time;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private @Nullable String reason;

  @Override
  Map<String, Object> ask(BrokerLink broker) {
    if (level == null) {
      return broker.get(PATH, Map.of());
    }
    Map<String, Object> order = new LinkedHashMap<>();
    if (target != null) {
      order.put("target", target);
    }
    if (reason != null) {
      order.put("reason", reason);
    }
    if (level.equals(CONFIGURED)) {
      if (time != null) {
        throw new ParameterException(
            command().commandLine(), "--for goes with a level: 'configured' ends a change.");
      }
      return broker.post(PATH + "/end", order);
    }
    order.put("level", level);
    if (time != null) {
      order.put("for_seconds", time.toSeconds());
    }
    return broker.post(PATH, order);
  }

  @Override
  void show(Map<String, Object> answer, PrintWriter out) {
    out.println(OneLine.of("Logged as configured: " + answer.get(CONFIGURED)));
    for (Map<String, Object> change : Answer.list(answer, "changes")) {
      Object until = change.get("until");
      Object why = change.get("reason");
      out.println(
          OneLine.of(
              "%sBut %s at %s, by %s since %s, until %s%s"
                  .formatted(
                      Answer.broker(change),
                      "".equals(change.get("target")) ? "all" : change.get("target"),
                      change.get("level"),
                      change.get("by"),
                      change.get("since"),
                      until == null ? "somebody ends it" : until,
                      why == null || "".equals(why) ? "" : "; because: " + why)));
    }
  }
}
