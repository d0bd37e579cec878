package io.taskbroker.browser;

import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.WebDriverException;

/**
 * Looks at everything that has to say what does not move, and notes after how long each of them
 * does. The page is open, as it is with somebody who watches.
 */
final class Witnesses implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final String COMMAND = "why";

  private final PackagedBroker broker;
  private final Browser browser;
  private final Said said;
  private final Map<String, BooleanSupplier> silent = new LinkedHashMap<>();
  private final Map<String, Duration> spoken = new LinkedHashMap<>();
  private @Nullable ChildProcess command;

  Witnesses(PackagedBroker broker, Browser browser, Said said) {
    this.broker = broker;
    this.browser = browser;
    this.said = said;
    silent.put("log", () -> broker.logSays(said.line()));
    silent.put("feed", () -> said.isIn(broker.get("why")));
    if (said.isStandstill()) {
      silent.put("events", () -> spoken.containsKey("feed") && said.isIn(broker.event()));
    }
    silent.put("page", this::isOnThePage);
    silent.put(COMMAND, this::isToldByTheCommand);
  }

  /**
   * Returns when all have said it. The command may take longer.
   *
   * @param clock goes since it came about
   * @throws AssertionError if one has not by then
   */
  Map<String, Duration> awaitAll(FairClock clock, Duration limit) {
    while (!silent.isEmpty()) {
      silent
          .entrySet()
          .removeIf(
              one -> {
                boolean speaks = one.getValue().getAsBoolean();
                if (speaks) {
                  spoken.put(one.getKey(), clock.elapsed());
                }
                return speaks;
              });
      if (isLate(clock.elapsed(), limit)) {
        throw new AssertionError(
            "after %s %s did not say '%s', '%s', '%s'; the feed: %s; the page: %s"
                .formatted(
                    limit,
                    silent.keySet(),
                    said.what(),
                    said.why(),
                    said.remedy(),
                    broker.get("why"),
                    browser.text()));
      }
      Waiting.pause(LOOK);
    }
    return spoken;
  }

  /** The command has a JVM of its own to start, which is no fault of the broker's. */
  private boolean isLate(Duration elapsed, Duration limit) {
    boolean onlyTheCommand = silent.keySet().equals(Set.of(COMMAND));
    return !silent.isEmpty()
        && elapsed.compareTo(onlyTheCommand ? limit.multipliedBy(3) : limit) > 0;
  }

  private boolean isOnThePage() {
    try {
      return said.isOn(browser);
    } catch (WebDriverException _) {
      return false; // the page is being drawn
    }
  }

  private boolean isToldByTheCommand() {
    ChildProcess running = command;
    if (running == null) {
      if (spoken.containsKey("feed")) { // of which the command is another reader
        command = broker.command("why");
      }
      return false;
    }
    if (running.isAlive()) {
      return false;
    }
    command = null; // asked again, unless it was told
    return said.isIn(running.output());
  }

  /** For people: how long each took. */
  static String words(Map<String, Duration> spoken) {
    return spoken.entrySet().stream()
        .map(one -> "%s %.1f s".formatted(one.getKey(), one.getValue().toMillis() / 1e3))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    ChildProcess running = command;
    if (running != null) {
      running.close();
    }
  }
}
