package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * Something that has happened outside: Kafka has acknowledged a record, a worker has accepted a
 * push, a claim has certainly reached nobody. Nobody can take it back or bring it again, so it is
 * neither refused nor withdrawn, and stays open until it is written.
 *
 * <p>Its result is whether the engine had a use for it. It fails only if the store ends before it
 * is written.
 */
class Fact extends Command<Boolean> {
  private final Subject subject;
  private final BiPredicate<InflightEngine, Moment> decision;
  private final Runnable whenWritten;
  private boolean decided;
  private volatile boolean over;

  /**
   * @param decision tells the engine, and says whether it had a use for that; may run again
   */
  Fact(
      StoreCall call,
      Moment queuedAt,
      Subject subject,
      BiPredicate<InflightEngine, Moment> decision) {
    this(call, queuedAt, subject, decision, () -> {});
  }

  /**
   * @param whenWritten run on the writer's thread when it is written; short, and must not throw
   */
  Fact(
      StoreCall call,
      Moment queuedAt,
      Subject subject,
      BiPredicate<InflightEngine, Moment> decision,
      Runnable whenWritten) {
    super(call, queuedAt);
    this.subject = subject;
    this.decision = decision;
    this.whenWritten = whenWritten;
  }

  /** A fact that changes nothing: being written is all that is asked of it. */
  static Fact ofNothing(Moment queuedAt, Subject subject, Runnable whenWritten) {
    return new Fact(StoreCall.OTHER, queuedAt, subject, (_, _) -> false, whenWritten) {
      @Override
      boolean mustBeWritten() {
        return true;
      }
    };
  }

  Subject subject() {
    return subject;
  }

  Runnable whenWritten() {
    return whenWritten;
  }

  /**
   * What is open of this subject once this one has come, too; with the lane's lock held.
   *
   * @param older has come before and is not written, or not yet known to be
   */
  Fact after(Fact older) {
    older.replaced();
    return this;
  }

  /** Something else says what this one does: it is not to be written any more. */
  void replaced() {
    over = true;
    boolean _ = result().complete(false);
  }

  /** Written, or replaced by a newer one, or of no use to anybody any more. */
  boolean isOver() {
    return over;
  }

  @Override
  boolean decide(InflightEngine engine, Moment now) {
    decided = decision.test(engine, now);
    return true;
  }

  /** It has kept its place. */
  @Override
  void goOn(CommandQueue queue) {}

  @Override
  Boolean answer(List<Delivered> delivered) {
    return decided;
  }

  @Override
  void complete(List<Delivered> delivered) {
    over = true;
    whenWritten.run();
    super.complete(delivered);
  }

  /** What happened is so, whatever can be written: a row of it that cannot be is put aside. */
  @Override
  boolean staysDecided() {
    return true;
  }

  /** One that could not be written stays open. One whose row is put aside is over. */
  @Override
  void fail(StoreException failure) {
    switch (failure) {
      case StoreException.Unavailable _, StoreException.Overloaded _ -> {}
      case StoreException.Rejected _, StoreException.RefusedRows _ -> replaced();
      case StoreException.Closed _ -> {
        over = true;
        super.fail(failure);
      }
    }
  }
}
