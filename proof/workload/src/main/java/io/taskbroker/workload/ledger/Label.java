package io.taskbroker.workload.ledger;

import io.taskbroker.proto.v1.TaskActivation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a task through all of its retries, of which each has an id of its own. Travels in the
 * activation's headers, which the broker hands on unread.
 *
 * @param run sets the tasks of one ledger apart from those of earlier runs
 * @param number counts the tasks of the run
 */
public record Label(String run, int number) {
  private static final String RUN = "proving-run";
  private static final String NUMBER = "proving-number";

  public Map<String, String> headers() {
    return Map.of(RUN, run, NUMBER, Integer.toString(number));
  }

  /** Null if the activation is none of ours. */
  public static @Nullable Label of(TaskActivation activation) {
    String run = activation.getHeadersMap().get(RUN);
    String number = activation.getHeadersMap().get(NUMBER);
    if (run == null || number == null) {
      return null;
    }
    try {
      return new Label(run, Integer.parseInt(number));
    } catch (NumberFormatException _) {
      return null;
    }
  }
}
