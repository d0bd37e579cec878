package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One activation in the engine. While it is in an index nothing that the index orders by may
 * change, so the engine takes it out of all, changes it, and puts it back.
 */
final class Row {
  /** Why a pending at-most-once row may not be claimed. */
  enum Hold {
    NONE,
    /** Until the commit of its offset is acknowledged. */
    UNTIL_COMMITTED,
    /**
     * Until its record comes again: it was stored but not committed when the partition was lost.
     */
    UNTIL_REDELIVERED
  }

  static final long NEVER = Long.MAX_VALUE;

  static final Comparator<Row> BY_KEY = (a, b) -> Long.compare(a.key, b.key);

  /**
   * The order of handing out: the key, which is the order of arrival whatever the clock says; rows
   * that rest come behind all others.
   */
  static final Comparator<Row> BY_ARRIVAL =
      (a, b) -> byKeyIfEqual(Long.compare(a.restsUntilMs, b.restsUntilMs), a, b);

  /** For orders that few rows have. Those that all rows have say it without a call for each row. */
  static Comparator<Row> by(ToLongFunction<Row> first) {
    return (a, b) -> byKeyIfEqual(Long.compare(first.applyAsLong(a), first.applyAsLong(b)), a, b);
  }

  private static int byKeyIfEqual(int order, Row a, Row b) {
    return order != 0 ? order : Long.compare(a.key, b.key);
  }

  final long key;
  final Activation activation;

  /** The activation's, at hand: an order of all rows that wait is by it. */
  final long dueAtMs;

  /** Estimated heap, as {@link Tally} counts it all the time. */
  final long memoryBytes;

  ActivationState state;
  int attempts;
  RetryOverride retry;
  @Nullable String parked;
  @Nullable Failure failure;

  /** The chain that it is in, which alone sets these, and its neighbours there; or null. */
  @Nullable Chain chain;

  @Nullable Row previous;
  @Nullable Row next;

  /** At most once, and given to the publisher for a record that Kafka may have from here on. */
  boolean underWay;

  Hold hold = Hold.NONE;

  /**
   * Names its latest hand-out, so that the holder of an older one changes nothing; {@link
   * Token#NONE} if nobody has it, had it or was to have it.
   */
  long token;

  /** What its worker has promised; null if it gives no signs of life. */
  @Nullable Heartbeats heartbeats;

  /** Claimed for a push that has begun: from here on nobody knows whether the worker has it. */
  boolean sent;

  /** When it was handed out last, Unix milliseconds; 0 if that was not in this process. */
  long handedOutMs;

  /**
   * The worker that has it, or whose attempt is its last; null unless one asked for it in this
   * process.
   */
  WorkerTable.@Nullable Worker handedTo;

  /** Failed, counted as over, and kept for operators. */
  boolean kept;

  /** Null if there were none in this process: no journal keeps them. */
  @Nullable FailedDeliveries failedDeliveries;

  /**
   * What a publisher has it as, until that says what became of it; null if none has it. A report
   * that comes meanwhile may change by which lane the row has to leave.
   */
  @Nullable Lane departing;

  /** How often the record was refused by itself; a parked row tries again later each time. */
  int refusals;

  /** When a parked row tries again, on the monotonic clock; {@link #NEVER} while this process. */
  long parkedUntilMs = NEVER;

  /**
   * Found expired while work was looked for. It waits for upkeep, or for a clock that goes back,
   * and stands in nobody's way.
   */
  boolean aside;

  /** Its partition goes, as was found while work was looked for: nobody is given it here. */
  boolean going;

  /** Why it cannot be read or written; nothing is done with it in this process. Null unless so. */
  @Nullable String putAside;

  /**
   * Its delivery broke off, so others come first until then; monotonic milliseconds, 0 while it
   * does not rest.
   */
  long restsUntilMs;

  /** Found paused while work was looked for; null unless so. */
  @Nullable PauseTarget pausedBy;

  /** The rows of the same names; null while it is not in the engine, and for a bad record. */
  Census.@Nullable Kind kind;

  /** Whether the engine has it; only {@link Rows} says so. */
  boolean present;

  private @Nullable Image before;

  Row(StoredActivation stored) {
    this.key = stored.key();
    this.activation = stored.activation();
    this.dueAtMs = activation.dueAtMs();
    this.memoryBytes = Tally.memoryOf(activation);
    this.state = stored.state();
    this.attempts = stored.attempts();
    this.retry = stored.retry();
    this.parked = stored.parked();
    this.failure = stored.failure();
    this.underWay = stored.underWay();
    this.token = Token.of(stored.round(), key);
  }

  /** Takes the state that the transition leads to; stays as it is if the event has no meaning. */
  void follow(Transition transition) {
    switch (transition) {
      case Transition.Moved(ActivationState to) -> {
        state = to;
        departing = to instanceof ActivationState.Completed ? null : departing;
        underWay = false;
        parked = null;
        failure = null;
        restsUntilMs = 0;
        pausedBy = null;
        kept = false;
        forgetAttempt();
      }
      case Transition.Ignored _ -> {}
    }
  }

  /** Forgets of its latest attempt what has no meaning in its state. */
  private void forgetAttempt() {
    switch (state) {
      case ActivationState.Claimed _, ActivationState.Processing _ -> {}
      case ActivationState.Delayed _, ActivationState.Pending _ -> {
        heartbeats = null;
        handedTo = null;
      }
      case ActivationState.AwaitingRetry _, ActivationState.Failed _, ActivationState.Completed _ ->
          endAttempt();
    }
  }

  private void endAttempt() {
    heartbeats = null;
    token = Token.NONE;
  }

  /** Whether a worker has it, or may be about to. */
  boolean isWithWorker() {
    return switch (state) {
      case ActivationState.Claimed _, ActivationState.Processing _ -> true;
      case ActivationState.Delayed _,
          ActivationState.Pending _,
          ActivationState.AwaitingRetry _,
          ActivationState.Failed _,
          ActivationState.Completed _ ->
          false;
    };
  }

  /** Whether a publisher has it as what it has to leave as. */
  boolean isOutgoing() {
    return departing != null && departing == OutboxIndex.laneOf(this);
  }

  /** Whether it has failed, and nobody wants the remains. */
  boolean isDiscardable() {
    return state instanceof ActivationState.Failed && OutboxIndex.laneOf(this) == null;
  }

  /** Whether its task counts as over. */
  boolean isEnded() {
    return kept || state instanceof ActivationState.Completed;
  }

  /** Whether no worker's word changes it any more. */
  boolean isOver() {
    return switch (state) {
      case ActivationState.AwaitingRetry _, ActivationState.Failed _, ActivationState.Completed _ ->
          true;
      case ActivationState.Delayed _,
          ActivationState.Pending _,
          ActivationState.Claimed _,
          ActivationState.Processing _ ->
          false;
    };
  }

  /** All that can change of a row, at one time. */
  record Image(
      boolean existed,
      ActivationState state,
      int attempts,
      RetryOverride retry,
      @Nullable String parked,
      @Nullable Failure failure,
      boolean underWay,
      Hold hold,
      long token,
      @Nullable Heartbeats heartbeats,
      boolean sent,
      long handedOutMs,
      WorkerTable.@Nullable Worker handedTo,
      boolean kept,
      @Nullable FailedDeliveries failedDeliveries,
      @Nullable Lane departing,
      int refusals,
      long parkedUntilMs,
      boolean aside,
      boolean going,
      @Nullable String putAside,
      long restsUntilMs,
      @Nullable PauseTarget pausedBy) {
    /** Of a row that was not there. */
    static final Image NONE =
        new Image(
            false,
            ActivationState.Pending.STATE,
            0,
            RetryOverride.NONE,
            null,
            null,
            false,
            Hold.NONE,
            Token.NONE,
            null,
            false,
            0,
            null,
            false,
            null,
            null,
            0,
            NEVER,
            false,
            false,
            null,
            0,
            null);

    boolean isEnded() {
      return kept || state instanceof ActivationState.Completed;
    }
  }

  /** Remembers the row as it is before the group in progress touches it. */
  void remember(boolean existed) {
    before = existed ? image() : Image.NONE;
  }

  private Image image() {
    return new Image(
        true,
        state,
        attempts,
        retry,
        parked,
        failure,
        underWay,
        hold,
        token,
        heartbeats,
        sent,
        handedOutMs,
        handedTo,
        kept,
        failedDeliveries,
        departing,
        refusals,
        parkedUntilMs,
        aside,
        going,
        putAside,
        restsUntilMs,
        pausedBy);
  }

  boolean isRemembered() {
    return before != null;
  }

  void forgetBefore() {
    before = null;
  }

  /** The row as it was before the group in progress touched it. */
  Image before() {
    Image image = before;
    if (image == null) {
      throw new IllegalStateException("row " + key + " was not touched by this group");
    }
    return image;
  }

  void restore(Image image) {
    state = image.state();
    attempts = image.attempts();
    retry = image.retry();
    parked = image.parked();
    failure = image.failure();
    underWay = image.underWay();
    hold = image.hold();
    token = image.token();
    heartbeats = image.heartbeats();
    sent = image.sent();
    handedOutMs = image.handedOutMs();
    handedTo = image.handedTo();
    kept = image.kept();
    failedDeliveries = image.failedDeliveries();
    departing = image.departing();
    refusals = image.refusals();
    parkedUntilMs = image.parkedUntilMs();
    aside = image.aside();
    going = image.going();
    putAside = image.putAside();
    restsUntilMs = image.restsUntilMs();
    pausedBy = image.pausedBy();
  }

  /** Whether a journal has to be told that the row differs from {@code image}. */
  boolean differsOnDiskFrom(Image image) {
    return !state.equals(image.state())
        || attempts != image.attempts()
        || !retry.equals(image.retry())
        || !Objects.equals(parked, image.parked())
        || !Objects.equals(failure, image.failure())
        || underWay != image.underWay()
        || Token.roundOf(token) != Token.roundOf(image.token());
  }

  /** The name of the worker that has it, or whose attempt is its last; null if nobody knows. */
  @Nullable String worker() {
    WorkerTable.Worker worker = handedTo;
    return worker == null ? null : worker.name;
  }

  /** As operators see it. */
  StoredTask task() {
    return new StoredTask(
        key, activation, state, attempts, parked, failure, handedOutMs, worker(), token);
  }

  StoredActivation stored() {
    return new StoredActivation(
        key, activation, state, attempts, retry, parked, failure, underWay, Token.roundOf(token));
  }
}
