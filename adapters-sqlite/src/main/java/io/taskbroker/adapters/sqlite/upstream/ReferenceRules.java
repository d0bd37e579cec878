package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
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
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a row of the reference broker is to this one.
 *
 * <p>The facts of a task come from its payload, which is what the reference's columns were filled
 * from, and which has them also where an older file lacks the column; what it leaves open comes
 * from the columns. What the reference decided at intake or changed later (expiry, delay, attempts,
 * state) comes from the columns alone.
 *
 * <p>An at-most-once task that may have run already has failed:
 *
 * <ul>
 *   <li>{@code Claimed} or {@code Processing} ones until when their lease or deadline ends: their
 *       worker may still report;
 *   <li>{@code Pending} ones that carry the end of a lease, a deadline or an attempt: a push that
 *       failed leaves these behind, and nobody knows whether it reached the worker;
 *   <li>{@code Retry} ones of a reference that was killed: it may have published the retry.
 * </ul>
 *
 * <p>A row that no worker could take (an unknown status, or a payload that is no task, or
 * another's) becomes a bad record: its payload goes to the dead-letter topic, with the reason in a
 * header.
 */
final class ReferenceRules {
  private static final int SHOWN_OF_AN_ID = 100;

  private final ImportSettings settings;
  private final boolean endedInOrder;
  private final long nowMs;

  /**
   * @param endedInOrder whether the reference was stopped, not killed
   */
  ReferenceRules(ImportSettings settings, boolean endedInOrder, long nowMs) {
    this.settings = settings;
    this.endedInOrder = endedInOrder;
    this.nowMs = nowMs;
  }

  /**
   * The row, in the terms of this broker.
   *
   * @param key its place in the order of arrival
   */
  StoredActivation convert(long key, ReferenceRow row) {
    Partition partition = new Partition(settings.topic(), row.partition());
    Decoded decoded =
        settings
            .decoder()
            .decode(new SourceRecord(partition, row.offset(), -1, row.payload(), List.of()), nowMs);
    return switch (decoded) {
      case Decoded.Bad(String reason, _) -> badRecord(key, row, reason);
      case Decoded.Good good -> {
        Activation task = good.activation();
        Activation activation = facts(row, task);
        ActivationState state = state(row, activation.isAtMostOnce());
        if (state == null) {
          yield badRecord(key, row, "its status '" + row.status() + "' is not known");
        }
        yield task.id().equals(row.id())
            ? new StoredActivation(key, activation, state, attempts(row), RetryOverride.NONE, null)
            : badRecord(
                key, row, "its payload is that of another task, '" + shortened(task.id()) + "'");
      }
    };
  }

  private Activation facts(ReferenceRow row, Activation task) {
    boolean unspecified = task.onAttemptsExceeded() == OnAttemptsExceeded.UNSPECIFIED;
    return new Activation(
        task.id(),
        stated(task.application(), row.application()),
        stated(task.namespace(), row.namespace()),
        stated(task.taskname(), row.taskname()),
        task.partition(),
        row.offset(),
        task.receivedAtMs() == nowMs ? receivedAtMs(row) : task.receivedAtMs(),
        ms(row.addedAtSec()),
        msOrNull(row.expiresAtSec()),
        row.delayUntilSec() == null ? task.delayUntilMs() : msOrNull(row.delayUntilSec()),
        task.processingDeadlineSec() == 0
            ? Math.clamp(row.deadlineDurationSec(), 0, Integer.MAX_VALUE)
            : task.processingDeadlineSec(),
        row.atMostOnce() ? Delivery.AT_MOST_ONCE : task.delivery(),
        unspecified && row.onAttemptsExceeded() != null
            ? OnAttemptsExceeded.ofNumber(Math.clamp(row.onAttemptsExceeded(), 0, 3))
            : task.onAttemptsExceeded(),
        row.payload().length,
        null);
  }

  private static String stated(String inPayload, String inColumn) {
    return inPayload.isEmpty() ? inColumn : inPayload;
  }

  /** Files of the first migrations have no column for it. */
  private static long receivedAtMs(ReferenceRow row) {
    Long sec = row.receivedAtSec();
    return ms(sec == null || sec == 0 ? row.addedAtSec() : sec);
  }

  /** Null if the status is not known. */
  private @Nullable ActivationState state(ReferenceRow row, boolean atMostOnce) {
    return switch (row.status()) {
      case "Pending" -> atMostOnce && mayHaveRun(row) ? Failed.STATE : Pending.STATE;
      case "Delay" ->
          row.delayUntilSec() == null ? Pending.STATE : new Delayed(ms(row.delayUntilSec()));
      case "Claimed" -> new Claimed(momentOf(row.claimEndSec()), ClaimPurpose.PUSH);
      case "Processing" -> new Processing(momentOf(row.deadlineSec()));
      case "Retry" -> atMostOnce && !endedInOrder ? Failed.STATE : AwaitingRetry.STATE;
      case "Failure" -> Failed.STATE;
      case "Complete" -> Completed.STATE;
      default -> null;
    };
  }

  private static boolean mayHaveRun(ReferenceRow row) {
    return row.claimEndSec() != null || row.deadlineSec() != null || row.attempts() != 0;
  }

  /** A lease or deadline that is not known is over. */
  private static Moment momentOf(@Nullable Long sec) {
    return new Moment(sec == null ? 0 : ms(sec), 0);
  }

  private static int attempts(ReferenceRow row) {
    return Math.clamp(row.attempts(), 0, Integer.MAX_VALUE);
  }

  private StoredActivation badRecord(long key, ReferenceRow row, String reason) {
    Activation activation =
        new Activation(
            "bad-record/imported/" + key, // never the id of a task that may come
            row.application(),
            row.namespace(),
            row.taskname(),
            new Partition(settings.topic(), row.partition()),
            row.offset(),
            receivedAtMs(row),
            ms(row.addedAtSec()),
            null,
            null,
            0,
            Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.DEAD_LETTER,
            row.payload().length,
            "row '%s' of an imported file: %s".formatted(shortened(row.id()), reason));
    ActivationState state = row.status().equals("Complete") ? Completed.STATE : Failed.STATE;
    return new StoredActivation(key, activation, state, 0, RetryOverride.NONE, null);
  }

  private static String shortened(String id) {
    return id.length() <= SHOWN_OF_AN_ID ? id : id.substring(0, SHOWN_OF_AN_ID) + "…";
  }

  private static @Nullable Long msOrNull(@Nullable Long sec) {
    return sec == null ? null : (Long) ms(sec);
  }

  private static long ms(long sec) {
    return Math.clamp(sec, Long.MIN_VALUE / 1_000, Long.MAX_VALUE / 1_000) * 1_000;
  }
}
