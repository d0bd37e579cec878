package io.taskbroker.inflight;

import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.Waiters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A wish for tasks. If nothing is due for a caller that waits, it is decided again when something
 * is.
 */
abstract class Waiting<T> extends Command<T> {
  private final Recipient recipient;
  private Waiters.@Nullable Place<Waiting<?>> place;

  Waiting(StoreCall call, Moment queuedAt, Recipient recipient) {
    super(call, queuedAt);
    this.recipient = recipient;
  }

  /** Which activations are wished for; none if none is. */
  abstract List<ClaimFilter> wishes();

  @Override
  final boolean waits(Waits waits, TimeSource time) {
    return claims().isEmpty()
        && recipient.waitsUntil() != null
        && !wishes().isEmpty()
        && waits.take(this, time.now());
  }

  final Recipient recipient() {
    return recipient;
  }

  /** Where it waits, or has waited before; null if it never has. */
  final Waiters.@Nullable Place<Waiting<?>> place() {
    return place;
  }

  final void place(Waiters.Place<Waiting<?>> taken) {
    place = taken;
  }

  @Override
  final boolean accepts(Claim claim) {
    return recipient.accepts(claim);
  }
}
