package io.taskbroker.application.rules;

import io.taskbroker.application.StoreException;
import java.util.Map;

/**
 * Keeps what operators have ordered of rules, as texts by name, also over a restart. All methods
 * block until done, and throw {@link StoreException.Unavailable} if nothing was changed. Safe for
 * any number of threads.
 */
public interface RuleOrderStore {
  /** There may be no more at once. */
  int MOST = 100;

  /**
   * Keeps a text; it takes the place of an earlier one of this name.
   *
   * @throws StoreException.Rejected if there are {@link #MOST} of other names
   */
  void keep(String name, String text);

  /**
   * Keeps it no more.
   *
   * @return false if there was none of this name
   */
  boolean forget(String name);

  /** All of them, in the order of their names. */
  Map<String, String> kept();

  /**
   * A number that changes when others than the callers of this object have changed what is kept:
   * other brokers, where they share a store. Cheap; does not block.
   */
  default long changesByOthers() {
    return 0;
  }
}
