package io.taskbroker.domain.operator;

import java.util.List;

/**
 * A piece of a list of tasks, in the order of arrival.
 *
 * @param tasks may be none even if there are more pieces: each looks at a bounded number of rows
 * @param last key to go on after
 * @param isLast whether there are no more pieces
 */
public record TaskPage(List<StoredTask> tasks, long last, boolean isLast) {
  /** Rows that one piece looks at. */
  public static final int MOST_LOOKED_AT = 20_000;

  public TaskPage {
    tasks = List.copyOf(tasks);
  }
}
