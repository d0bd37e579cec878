package io.taskbroker.domain.operator;

import java.util.List;

/**
 * A piece of the list of tasks that have ended, the last that ended first.
 *
 * @param next where the next piece begins; 0 if there is none
 */
public record EndedPage(List<EndedTask> tasks, long next) {
  public static final EndedPage EMPTY = new EndedPage(List.of(), 0);

  public EndedPage {
    tasks = List.copyOf(tasks);
  }
}
