package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One caller's wish, on its way through the writer.
 *
 * <p>The writer decides it ({@link #decide}), writes the group that it is part of, and answers it
 * ({@link #answer}); or it is withdrawn before it begins, or fails. One of these happens, once.
 *
 * @param <T> what the caller gets
 */
abstract class Command<T> implements StoreEvent.Queued {
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final StoreCall call;
  private final Moment queuedAt;
  private long queuedNanos;

  Command(StoreCall call, Moment queuedAt) {
    this.call = call;
    this.queuedAt = queuedAt;
  }

  /**
   * Asks the engine, as far as the engine's budget goes. May run again if the group it was part of
   * had to be taken back.
   *
   * @return whether that was all; if not, it is asked again in a later turn, once this part is
   *     written
   */
  abstract boolean decide(InflightEngine engine, Moment now);

  /** Estimated heap of what its caller has brought, where that has no small bound of its own. */
  long broughtBytes() {
    return 0;
  }

  /** What the last {@link #decide} did is written. */
  void written() {}

  /** Whether its answer is to wait for something to become due; then it is put among those. */
  boolean waits(Waits waits, TimeSource time) {
    return false;
  }

  /** What is written is only a part: it gets another turn. */
  void goOn(CommandQueue queue) {
    queue.goOn(this);
  }

  /**
   * Nothing new is to be handed out; whether that leaves something to do. Asked before {@link
   * #decide}.
   */
  boolean handOutNothing() {
    return true;
  }

  /** Whether it is to be written even if it changes nothing. */
  boolean mustBeWritten() {
    return false;
  }

  /** Whether its rows can be written one by one, if one of them cannot be written at all. */
  boolean isDivisible() {
    return true;
  }

  /**
   * Whether rows of it that cannot be written by themselves stay as it has decided; otherwise they
   * go back to what they were.
   */
  boolean staysDecided() {
    return false;
  }

  /**
   * Some of its rows could not be written and are put aside.
   *
   * @return why that makes it fail; null if it is answered for those that were
   */
  @Nullable StoreException narrowed(InflightEngine engine) {
    return null;
  }

  /**
   * Whether it is answered for the rows that were written, too, if nothing can be written now; such
   * rows would be nobody's if it failed.
   */
  boolean isAnsweredInPart() {
    return false;
  }

  /**
   * Whether what was decided has to be synced before it is answered. Asked after {@link #decide}.
   */
  boolean mustSurvivePowerCut() {
    for (Claim claim : claims()) {
      if (claim.activation().isAtMostOnce()) {
        return true;
      }
    }
    return false;
  }

  /** Claims of this command that have to be delivered with their payloads. */
  List<Claim> claims() {
    return List.of();
  }

  /** Whether the caller takes what was claimed for it; asked once. */
  boolean accepts(Claim claim) {
    return true;
  }

  /** What has to be written with the changes of this command. Asked after {@link #decide}. */
  Cargo cargo() {
    return Cargo.NONE;
  }

  /** The answer, once the group is written. */
  abstract T answer(List<Delivered> delivered);

  CompletableFuture<T> result() {
    return result;
  }

  @Override
  public StoreCall call() {
    return call;
  }

  /** When it was queued, on the finer clock; told before it is. */
  void queuedNanos(long nanos) {
    queuedNanos = nanos;
  }

  @Override
  public long queuedNanos() {
    return queuedNanos;
  }

  Moment queuedAt() {
    return queuedAt;
  }

  void complete(List<Delivered> delivered) {
    result.complete(answer(delivered));
  }

  void fail(StoreException failure) {
    result.completeExceptionally(failure);
  }
}
