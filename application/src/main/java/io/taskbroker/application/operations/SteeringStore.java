package io.taskbroker.application.operations;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * What operators do to what is stored. All methods block until it is written, and throw {@link
 * StoreException.Unavailable} if it was not. Safe for any number of threads.
 */
public interface SteeringStore {
  /**
   * Does this to each of these tasks as if it had been asked for alone. If that fails, it may have
   * been done to some of them. A worker's report that was answered before this call comes first,
   * also if a broker has answered it that shares the store.
   *
   * @return what became of it, for each of them in order
   */
  List<Verdict> act(Act act, List<Long> keys);

  /**
   * Does this to each of these rows, as far as Kafka has refused it and it is still kept aside for
   * that. If it fails, it may have been done to some of them.
   *
   * @return what became of it, for each of them in order: {@link Verdict#WITHOUT_EFFECT} of one
   *     that is not kept aside any more
   */
  List<Verdict> settle(ParkedAct act, List<Long> keys);

  /**
   * From now on nothing is handed out of what the pause is about, also after a restart; it takes
   * the place of an earlier pause of the same target. What workers have already they keep.
   *
   * @throws StoreException.Rejected if there are too many pauses
   */
  void pause(Pause pause);

  /**
   * Ends a pause; its tasks are handed out again, at their old places.
   *
   * @return false if it is not in force
   */
  boolean resume(PauseTarget target);

  /** The pauses in force, in the order of their targets. */
  List<Pause> pauses();

  /**
   * Keeps an order to drain, also over a restart; it takes the place of an earlier one. The store
   * itself goes on taking in what it is given.
   */
  void drain(Drain drain);

  /**
   * Ends the order to drain.
   *
   * @return false if there is none
   */
  boolean endDrain();

  /** The order to drain; empty if there is none. */
  Optional<Drain> draining();
}
