package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands out of all that is stored, so that people can be told of it by name.
 *
 * @param nextDelayEndMs when the first delay is over, Unix milliseconds; null if nothing is delayed
 * @param largest the task with the largest payload, of those of {@link #LARGE_BYTES} and more; null
 *     if there is none
 * @param silent applications whose workers have let deadlines pass and have not reported on
 *     anything since
 * @param repeated tasks that were handed out {@link #REPEATED} times or more and were never
 *     reported on, in the order of arrival; at most {@link #MOST_REPEATED}
 */
public record Outliers(
    @Nullable Long nextDelayEndMs,
    @Nullable Activation largest,
    List<Silence> silent,
    List<Repeat> repeated) {
  /** Payloads from here on may be the largest. */
  public static final int LARGE_BYTES = 65_536;

  /** A task that has missed so many deadlines goes in circles. */
  public static final int REPEATED = 2;

  public static final int MOST_REPEATED = 20;

  /** Nothing stands out. */
  public static final Outliers NONE = new Outliers(null, null, List.of(), List.of());

  public Outliers {
    silent = List.copyOf(silent);
    repeated = List.copyOf(repeated);
  }

  /**
   * An application whose workers let deadlines pass and report on nothing.
   *
   * @param missed deadlines that have passed since its workers last reported
   * @param last the task that missed the last of them
   * @param sinceMs when the first of them passed, Unix milliseconds
   * @param lastMs when the last of them passed, Unix milliseconds
   * @param ofSeveral whether they were not all of one task
   */
  public record Silence(int missed, Activation last, long sinceMs, long lastMs, boolean ofSeveral) {
    /** The first deadline that has passed. */
    public static Silence begun(Activation task, long nowMs) {
      return new Silence(1, task, nowMs, nowMs, false);
    }

    /** One more deadline has passed. */
    public Silence goesOn(Activation task, long nowMs) {
      boolean another = !task.id().equals(last.id());
      return new Silence(missed + 1, task, sinceMs, nowMs, ofSeveral || another);
    }

    public String application() {
      return last.application();
    }
  }

  /**
   * A task that goes in circles.
   *
   * @param attempts deadlines that it has missed
   */
  public record Repeat(Activation activation, int attempts) {}
}
