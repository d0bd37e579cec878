package io.taskbroker.testkit.store;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.domain.operator.Outliers.Silence;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.FailedDeliveries;
import io.taskbroker.testkit.store.ModelRow.WaitsFor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of the {@link ModelStore}, one {@link Lifecycle} step at a time. */
final class ModelRows {
  static final Duration DEMOTION_LEASE = Duration.ofHours(1);

  private final EngineSettings settings;
  private final TreeMap<Long, ModelRow> byKey = new TreeMap<>();
  private final Map<Partition, Long> acknowledged = new HashMap<>();
  private @Nullable Set<String> consumedTopics;
  private final TimeSource time;

  /** The last that ended first. */
  private final Deque<EndedTask> ended = new ArrayDeque<>();

  /** By application: workers that let deadlines pass, and have not reported since. */
  private final Map<String, Silence> silent = new LinkedHashMap<>();

  private long lastKey;
  private long finished;
  private long overtaken;
  private long uncertain;
  private long killed;
  private long delaysEnded;

  ModelRows(EngineSettings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
  }

  /** In the order of arrival; a copy, so that rows may go while it is walked through. */
  List<ModelRow> all() {
    return List.copyOf(byKey.values());
  }

  Stream<ModelRow> where(Predicate<ModelRow> condition) {
    return all().stream().filter(condition);
  }

  @Nullable ModelRow find(long key) {
    return byKey.get(key);
  }

  /** The task of this id; bad records have ids of their own. */
  @Nullable ModelRow find(String id) {
    return where(row -> !row.activation.isBadRecord() && row.activation.id().equals(id))
        .findFirst()
        .orElse(null);
  }

  private @Nullable ModelRow findLike(Activation arriving) {
    return where(row -> row.activation.isBadRecord() == arriving.isBadRecord())
        .filter(row -> row.activation.id().equals(arriving.id()))
        .findFirst()
        .orElse(null);
  }

  Totals totals() {
    return new Totals(finished, overtaken, uncertain, killed, delaysEnded);
  }

  // ---------------------------------------------------------------- arriving

  /** Whether it is new. */
  boolean add(NewActivation arriving, Moment now) {
    Activation activation = arriving.activation();
    ModelRow known = findLike(activation);
    if (known != null) {
      boolean sameRecord =
          known.activation.partition().equals(activation.partition())
              && known.activation.offset() == activation.offset();
      if (sameRecord && known.waitsFor == WaitsFor.REDELIVERY) {
        known.waitsFor = WaitsFor.COMMIT;
      }
      return false;
    }
    ModelRow row = new ModelRow(++lastKey, activation, arriving.payload(), stateOf(arriving, now));
    if (activation.isAtMostOnce() && !isCovered(row)) {
      row.waitsFor = WaitsFor.COMMIT;
    }
    byKey.put(row.key, row);
    return true;
  }

  private static ActivationState stateOf(NewActivation arriving, Moment now) {
    Activation activation = arriving.activation();
    if (activation.isBadRecord()) {
      return Failed.STATE;
    }
    return switch (arriving.route()) {
      case WORKERS -> Lifecycle.arrive(activation.delayUntilMs(), now.wallMs());
      case DEMOTION -> Lifecycle.demote(now.plus(DEMOTION_LEASE));
    };
  }

  void acknowledge(Map<Partition, Long> positions) {
    positions.forEach((partition, position) -> acknowledged.merge(partition, position, Math::max));
  }

  void standAt(Map<Partition, Long> positions) {
    acknowledged.putAll(positions);
  }

  void lose(Collection<Partition> partitions) {
    where(row -> partitions.contains(row.activation.partition()))
        .filter(row -> row.isWaiting() && row.waitsFor == WaitsFor.COMMIT && !isCovered(row))
        .forEach(row -> row.waitsFor = WaitsFor.REDELIVERY);
  }

  void onlyConsumed(Set<String> topics) {
    consumedTopics = Set.copyOf(topics);
  }

  /** Whether Kafka can no longer send the row's record. */
  boolean isCovered(ModelRow row) {
    Partition partition = row.activation.partition();
    Long position = acknowledged.get(partition);
    return partition.number() < 0
        || (consumedTopics != null && !consumedTopics.contains(partition.topic()))
        || (position != null && row.activation.offset() < position);
  }

  void countOvertaken() {
    overtaken++;
  }

  void countKilled() {
    killed++;
  }

  void missed(ModelRow row, Moment now) {
    Silence before = silent.remove(row.activation.application());
    silent.put(
        row.activation.application(),
        before == null
            ? Silence.begun(row.activation, now.wallMs())
            : before.goesOn(row.activation, now.wallMs()));
  }

  void heard(ModelRow row) {
    silent.remove(row.activation.application());
  }

  Outliers outliers() {
    return new Outliers(
        where(row -> row.state instanceof Delayed)
            .map(row -> ((Delayed) row.state).untilMs() + 1)
            .min(Comparator.naturalOrder())
            .orElse(null),
        where(row -> !(row.state instanceof Completed))
            .map(row -> row.activation)
            .filter(activation -> activation.payloadBytes() >= Outliers.LARGE_BYTES)
            .reduce((a, b) -> b.payloadBytes() >= a.payloadBytes() ? b : a)
            .orElse(null),
        List.copyOf(silent.values()),
        where(row -> row.attempts >= Outliers.REPEATED)
            .filter(
                row ->
                    row.state instanceof Pending
                        || row.state instanceof Claimed
                        || row.state instanceof Processing
                        || row.state instanceof Delayed)
            .limit(Outliers.MOST_REPEATED)
            .map(row -> new Outliers.Repeat(row.activation, row.attempts))
            .toList());
  }

  // ---------------------------------------------------------------- moving on

  boolean move(ModelRow row, Transition transition) {
    return move(row, transition, Ending.of(row.state));
  }

  /** As the other; if that ends the row's task, it is in this way. */
  boolean move(ModelRow row, Transition transition, Ending ending) {
    return switch (transition) {
      case Transition.Moved(ActivationState to) -> {
        Failure failure = row.failure;
        row.state = to;
        row.departing = to instanceof Completed ? null : row.departing;
        row.underWay = false;
        row.parked = null;
        row.failure = null;
        row.restsUntilMs = 0;
        row.pausedBy = null;
        row.limit = null;
        row.longestPause = null;
        switch (to) {
          case AwaitingRetry _, Failed _, Completed _ -> row.claim = 0;
          case Delayed _, Pending _ -> row.worker = null;
          case Claimed _, Processing _ -> {}
        }
        if (to instanceof Completed) {
          finished++;
          remember(row, ending, failure);
        }
        forgetIfOver(row);
        yield true;
      }
      case Transition.Ignored _ -> false;
    };
  }

  private void remember(ModelRow row, Ending ending, @Nullable Failure failure) {
    if (!row.activation.isBadRecord()) {
      ended.addFirst(
          new EndedTask(
              row.key,
              row.activation,
              ending,
              row.attempts,
              row.handedOutMs,
              time.now().wallMs(),
              failure,
              row.worker));
    }
  }

  /** Those that are remembered, the last that ended first. */
  List<EndedTask> ended() {
    long begin = time.now().wallMs() - settings.keeping().endedFor().toMillis();
    return ended.stream()
        .limit(settings.keeping().ended())
        .takeWhile(task -> task.endedMs() > begin)
        .toList();
  }

  /** As {@link #move}; if that makes the row fail, this is why. */
  boolean move(ModelRow row, Transition transition, FailureCause cause, Moment now) {
    String last = FailedDeliveries.lastOf(row.failedDeliveries);
    boolean moved = move(row, transition);
    if (moved && row.state instanceof Failed) {
      row.failure = new Failure(cause, now.wallMs(), last);
    }
    return moved;
  }

  /** Kafka may have the record of this row, and must not get it again. */
  boolean lose(ModelRow row, String lastError, Moment now) {
    FailureCause cause =
        row.state instanceof AwaitingRetry
            ? FailureCause.RETRY_UNCERTAIN
            : FailureCause.DEMOTION_UNCERTAIN;
    boolean lost = row.underWay && move(row, Lifecycle.departureUncertain(row.state));
    if (lost) {
      row.departing = null;
      row.failure = new Failure(cause, now.wallMs(), lastError);
      uncertain++;
    }
    return lost;
  }

  void forgetIfOver(ModelRow row) {
    if (row.state instanceof Completed && isCovered(row)) {
      byKey.remove(row.key);
    }
  }

  /** Makes the row pending if its delay is over; false if it is not. */
  boolean endDelay(ModelRow row, Moment now) {
    boolean ended = move(row, Lifecycle.delayElapsed(row.state, now.wallMs()));
    delaysEnded += ended ? 1 : 0;
    return ended;
  }

  // ---------------------------------------------------------------- a new process

  /** What a process that opens the store makes of what an earlier one kept. */
  void reopen(Moment now) {
    consumedTopics = null;
    finished = 0;
    overtaken = 0;
    uncertain = 0;
    killed = 0;
    delaysEnded = 0;
    stayAtDoubtfulRows();
    ended.clear();
    silent.clear();
    for (ModelRow row : all()) {
      row.state = recall(row, now);
      lose(row, "the broker ended meanwhile", now);
      row.limit = null;
      row.longestPause = null;
      row.sent = true;
      row.handedOutMs = 0;
      row.worker = null;
      row.failedDeliveries = null;
      row.restsUntilMs = 0;
      row.refusals = 0;
      row.parkedUntilMs = Long.MAX_VALUE;
      row.departing = null;
      row.foundExpired = false;
      row.pausedBy = null;
      row.waitsFor =
          row.activation.isAtMostOnce() && !isCovered(row) ? WaitsFor.REDELIVERY : WaitsFor.NOTHING;
    }
  }

  /** To a new process all rows behind a position are ours, so it is kept no further. */
  private void stayAtDoubtfulRows() {
    where(row -> row.isWaiting() && row.waitsFor == WaitsFor.REDELIVERY)
        .forEach(
            row ->
                acknowledged.computeIfPresent(
                    row.activation.partition(),
                    (_, position) -> Math.min(position, row.activation.offset())));
  }

  private ActivationState recall(ModelRow row, Moment now) {
    return switch (row.state) {
      case Claimed(Moment end, ClaimPurpose purpose) ->
          new Claimed(Moment.recall(end.wallMs(), now, lease(purpose)), purpose);
      case Processing(Moment deadline) ->
          new Processing(Moment.recall(deadline.wallMs(), now, patience(row.activation)));
      case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> row.state;
    };
  }

  private Duration lease(ClaimPurpose purpose) {
    return switch (purpose) {
      case PUSH -> settings.pushLease();
      case DEMOTION -> DEMOTION_LEASE;
    };
  }

  Duration patience(Activation activation) {
    return settings.deadlineGrace().plusSeconds(activation.processingDeadlineSec());
  }

  // ---------------------------------------------------------------- looking

  static @Nullable Lane laneOf(ModelRow row) {
    return switch (row.state) {
      case AwaitingRetry _ -> Lane.RETRY;
      case Failed _ ->
          row.activation.onAttemptsExceeded() == OnAttemptsExceeded.DEAD_LETTER
              ? Lane.DEAD_LETTER
              : null;
      case Claimed claimed -> claimed.purpose() == ClaimPurpose.DEMOTION ? Lane.DEMOTION : null;
      case Delayed _, Pending _, Processing _, Completed _ -> null;
    };
  }

  /** The highest key that was given. */
  long lastKey() {
    return lastKey;
  }

  long payloadBytes() {
    return where(row -> !(row.state instanceof Completed))
        .mapToLong(row -> row.activation.payloadBytes())
        .sum();
  }

  /** Partitions whose committed position some row waits for. */
  List<Partition> awaited() {
    return where(row -> row.state instanceof Completed || row.isWaiting())
        .map(row -> row.activation.partition())
        .distinct()
        .toList();
  }
}
