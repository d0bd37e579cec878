package io.taskbroker.simulation.world;

import io.taskbroker.simulation.schedule.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened, line by line, for people. */
public final class History {
  private final Scheduler scheduler;
  private final boolean isKept;
  private final List<String> lines = new ArrayList<>();

  History(Scheduler scheduler, boolean isKept) {
    this.scheduler = scheduler;
    this.isKept = isKept;
  }

  /**
   * @param who broker, worker or Kafka
   * @param what as for {@link String#format}
   */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  void say(String who, String what, Object... words) {
    if (isKept) {
      lines.add(
          String.format(Locale.ROOT, "%10.6f  %-10s ", scheduler.nanos() / 1e9, who)
              + String.format(Locale.ROOT, what, words));
    }
  }

  public List<String> lines() {
    return List.copyOf(lines);
  }
}
