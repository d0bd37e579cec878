package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has numbers reserved before a hand-out wants one, in a group of its own, so that no worker waits
 * for the sync that this takes. Where it fails the hand-out reserves them itself. Used by the
 * writer's thread.
 */
final class RoundsAhead {
  /** Between two attempts, as long as something goes wrong. */
  static final Duration REST = Duration.ofSeconds(1);

  private final InflightEngine engine;
  private final Groups groups;
  private final CommandQueue queue;
  private @Nullable Moment restsUntil;

  RoundsAhead(InflightEngine engine, Groups groups, CommandQueue queue) {
    this.engine = engine;
    this.groups = groups;
    this.queue = queue;
  }

  /**
   * Reserves some if few are left, unless nothing can be written at the moment.
   *
   * @throws JournalException.Final if nothing may be written any more
   */
  void reserve(Moment now) {
    if (engine.isShortOfRounds() && !queue.factsRest() && isTime(now)) {
      var reservation = new Commands.Ask<>(StoreCall.OTHER, now, RoundsAhead::reserved);
      var _ = groups.run(List.of(reservation), now, Groups.budgetOfOne());
      restsUntil = engine.isShortOfRounds() ? now.plus(REST) : null;
    }
  }

  private boolean isTime(Moment now) {
    return restsUntil == null || !now.isBefore(restsUntil);
  }

  private static boolean reserved(InflightEngine engine, Moment now) {
    engine.reserveRounds();
    return true;
  }
}
