package io.taskbroker.application.exchange;

import io.taskbroker.domain.attempt.Attempt;
import java.util.List;

/**
 * Workers that have tasks, as far as they can be told that a task is theirs no more. Safe for all
 * threads; nothing here blocks.
 */
public interface Holders {
  /**
   * These are about to be taken from their workers, which may hang: until such a worker says
   * something, it is given nothing.
   */
  void suspect(List<Attempt> attempts);

  /** These have been taken from their workers, which are to leave them. */
  void cancel(List<Attempt> attempts);
}
