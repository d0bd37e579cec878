package io.taskbroker.inflight;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Writability.Kind;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Finds out from a journal what became of a group. A file that does not answer then never will, and
 * ends the store. A journal that brokers share is asked until it can be reached again. Used by the
 * writer's thread.
 */
final class Doubt {
  private final boolean waits;
  private final BooleanSupplier isEnding;
  private final TimeSource time;
  private final Writability writability;
  private final Heartbeat heartbeat;
  private final Signal never;

  /**
   * @param waits whether a journal that cannot be reached is asked again
   * @param isEnding whether the store is being closed, so that nobody waits for ever
   */
  Doubt(
      boolean waits,
      BooleanSupplier isEnding,
      TimeSource time,
      Threads threads,
      Writability writability,
      Heartbeat heartbeat) {
    this.waits = waits;
    this.isEnding = isEnding;
    this.time = time;
    this.writability = writability;
    this.heartbeat = heartbeat;
    this.never = threads.signal();
  }

  /**
   * Asks until there is an answer.
   *
   * @throws JournalException.Outdated as the question does
   * @throws JournalException.Final if it cannot be found out
   */
  <T> T settle(Supplier<T> question) {
    Moment endsAt = null;
    while (true) {
      try {
        return question.get();
      } catch (JournalException.Final | JournalException.Outdated e) {
        throw e;
      } catch (JournalException e) {
        Moment now = time.now();
        if (endsAt == null && isEnding.getAsBoolean()) {
          endsAt = now.plus(FactTurns.LAST_FACTS);
        }
        if (!waits || (endsAt != null && endsAt.isBefore(now))) {
          throw new JournalException.Final(
              "It cannot be found out what was written: " + e.getMessage(), e);
        }
        writability.failed(Kind.GROUP, String.valueOf(e.getMessage()), now);
        heartbeat.beat(OwnedStore.PAUSE.plus(Duration.ofSeconds(30)));
        boolean _ = never.await(OwnedStore.PAUSE);
      }
    }
  }
}
