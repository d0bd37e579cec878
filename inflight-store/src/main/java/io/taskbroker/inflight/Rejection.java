package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Subject.Event;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.List;
import java.util.Map;

/**
 * No worker can ever take what was claimed: its row is over, and a bad record with its payload
 * leaves in its place. Of the two both are written, or neither is.
 *
 * <p>Its result is whether the claim was still good.
 */
final class Rejection extends Fact {
  private final Claim claim;
  private final byte[] payload;
  private final String reason;
  private long key;

  Rejection(Moment queuedAt, Claim claim, byte[] payload, String reason) {
    super(StoreCall.OTHER, queuedAt, Subject.OfRow.of(Event.UNDELIVERABLE, claim), (_, _) -> true);
    this.claim = claim;
    this.payload = payload;
    this.reason = reason;
  }

  @Override
  boolean decide(InflightEngine engine, Moment now) {
    key = engine.claims().reject(claim, reason, now);
    return true;
  }

  @Override
  boolean isDivisible() {
    return false;
  }

  /** Without its bad record the row would be lost, so it goes back, and is put aside. */
  @Override
  boolean staysDecided() {
    return false;
  }

  @Override
  StoreException narrowed(InflightEngine engine) {
    return new StoreException.Rejected(
        "Activation %s cannot be written, and is put aside until the next start"
            .formatted(claim.activation().id()));
  }

  @Override
  Cargo cargo() {
    return key == 0 ? Cargo.NONE : Cargo.of(Map.of(key, payload));
  }

  @Override
  Boolean answer(List<Delivered> delivered) {
    return key != 0;
  }
}
