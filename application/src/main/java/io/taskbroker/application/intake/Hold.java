package io.taskbroker.application.intake;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long back-pressure has held one batch: counted while it lasts, explained if it lasts. Used by
 * the storing thread.
 */
final class Hold {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** How often a batch that stays held is counted, as the reference does. */
  private static final Duration HELD_COUNT = Duration.ofMillis(250);

  /** A limit that is touched and left again is everyday life; only what lasts is a standstill. */
  private static final Duration STALL = Duration.ofSeconds(1);

  private final String what;
  private final IntakeStore store;
  private final Stalls stalls;
  private final EventSink<IntakeEvent> metrics;
  private long countAtMs = Long.MIN_VALUE;
  private @Nullable Moment since;
  private Backpressure.@Nullable Reason explained;

  /**
   * @param what is stalled while the batch is held, for the stall line
   */
  Hold(String what, IntakeStore store, Stalls stalls, EventSink<IntakeEvent> metrics) {
    this.what = what;
    this.store = store;
    this.stalls = stalls;
    this.metrics = metrics;
  }

  /** The batch is held now, for this reason. */
  void lasts(Backpressure.Reason reason, Moment now) {
    if (now.monotonicMs() >= countAtMs) {
      metrics.count(new IntakeEvent.Held(reason));
      countAtMs = now.monotonicMs() + HELD_COUNT.toMillis();
    }
    if (since == null) {
      since = now;
    } else if (since.plus(STALL).isBefore(now)) {
      explain(reason);
    }
  }

  /** Once for each reason: the numbers that it names change all the time. */
  private void explain(Backpressure.Reason reason) {
    if (reason != explained) {
      explained = reason;
      stalls.begin(what, HeldWords.why(reason) + whose(reason), HeldWords.remedy(reason));
    }
  }

  private String whose(Backpressure.Reason reason) {
    if (reason == Backpressure.Reason.STORE_SIZE_LIMIT) {
      return HeldWords.largest(store.largest(), store.load().depths().payloadBytes());
    }
    if (reason != Backpressure.Reason.PENDING_LIMIT) {
      return "";
    }
    try {
      return HeldWords.whose(store.applications());
    } catch (StoreException.Unavailable | StoreException.Overloaded e) {
      LOG.debug("Who fills the store is not known now", e);
      return "";
    }
  }

  /** The batch, or a part of it, has got in. */
  void ends() {
    stalls.end(what);
    since = null;
    explained = null;
  }
}
