package io.taskbroker.testkit.journal;

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
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.StoredActivation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows to write down: ordinary ones, and one of every kind. */
final class SampleRows {
  private static final long NOON_MS = 1_771_000_000_123L;

  private SampleRows() {}

  static StoredActivation pending(long key) {
    Activation activation =
        activation("id-" + key, "billing", "invoices", new Partition("taskworker", 3), key, null);
    return new StoredActivation(key, activation, Pending.STATE, 0, RetryOverride.NONE, null);
  }

  static StoredActivation with(StoredActivation row, ActivationState state, int attempts) {
    return new StoredActivation(
        row.key(),
        row.activation(),
        state,
        attempts,
        row.retry(),
        row.parked(),
        row.failure(),
        row.underWay(),
        row.round());
  }

  static StoredActivation atKey(long key, StoredActivation row) {
    return new StoredActivation(
        key,
        row.activation(),
        row.state(),
        row.attempts(),
        row.retry(),
        row.parked(),
        row.failure(),
        row.underWay(),
        row.round());
  }

  /** One that waits as it came, and has its application, namespace and topic alone from others. */
  static StoredActivation arrived(long key) {
    int number = Math.toIntExact(key);
    Activation activation =
        new Activation(
            "arrived-" + key,
            "billing",
            "invoices",
            "task.of." + number % 3,
            new Partition("taskworker", number % 5),
            key * 1_000_000_007L,
            NOON_MS - key,
            NOON_MS + key,
            null,
            null,
            number % 7,
            number % 2 == 0 ? Delivery.AT_LEAST_ONCE : Delivery.AT_MOST_ONCE,
            number % 3 == 0 ? OnAttemptsExceeded.DEAD_LETTER : OnAttemptsExceeded.UNSPECIFIED,
            number,
            null);
    return new StoredActivation(key, activation, Pending.STATE, 0, RetryOverride.NONE, null);
  }

  static byte[] payload(long key) {
    return ("payload of " + key).getBytes(StandardCharsets.UTF_8);
  }

  static Map<Long, byte[]> payloads(List<StoredActivation> rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    rows.forEach(row -> payloads.put(row.key(), payload(row.key())));
    return payloads;
  }

  /** One row in each state and with each kind of content, ends of ranges included. */
  static List<StoredActivation> ofEveryKind() {
    List<ActivationState> states =
        List.of(
            new Delayed(NOON_MS + 60_000),
            new Delayed(Long.MAX_VALUE),
            Pending.STATE,
            new Claimed(new Moment(NOON_MS + 5_001, 0), ClaimPurpose.PUSH),
            new Claimed(new Moment(-1, 0), ClaimPurpose.DEMOTION),
            new Processing(new Moment(Long.MAX_VALUE, 0)),
            AwaitingRetry.STATE,
            Failed.STATE,
            Completed.STATE);
    List<StoredActivation> rows = new ArrayList<>();
    long key = 1;
    for (ActivationState state : states) {
      rows.add(
          new StoredActivation(
              key, pending(key).activation(), state, (int) key, RetryOverride.NONE, null));
      key++;
    }
    for (Activation odd : oddActivations()) {
      rows.add(new StoredActivation(key++, odd, Failed.STATE, 0, RetryOverride.NONE, "too large"));
    }
    for (FailureCause cause : FailureCause.values()) {
      Failure failure =
          new Failure(cause, NOON_MS + key, key % 2 == 0 ? null : "said: 'no' \uD83D\uDE00");
      rows.add(failed(key++, failure));
    }
    rows.add(underWay(key++, AwaitingRetry.STATE));
    rows.add(underWay(key++, new Claimed(new Moment(NOON_MS, 0), ClaimPurpose.DEMOTION)));
    for (long round : List.of(1L, 1_771_000_000_123L, (1L << 47) - 1)) {
      rows.add(handedOut(key++, Pending.STATE, round));
      rows.add(handedOut(key++, new Processing(new Moment(NOON_MS, 0)), round));
    }
    for (RetryOverride override : overrides()) {
      rows.add(
          new StoredActivation(
              key, pending(key).activation(), AwaitingRetry.STATE, 1, override, null));
      key++;
    }
    rows.add(with(pending(Long.MAX_VALUE), Pending.STATE, Integer.MAX_VALUE));
    return rows;
  }

  static StoredActivation failed(long key, Failure failure) {
    return new StoredActivation(
        key,
        pending(key).activation(),
        Failed.STATE,
        1,
        RetryOverride.NONE,
        null,
        failure,
        false,
        0);
  }

  static StoredActivation handedOut(long key, ActivationState state, long round) {
    return new StoredActivation(
        key, pending(key).activation(), state, 0, RetryOverride.NONE, null, null, false, round);
  }

  static StoredActivation underWay(long key, ActivationState state) {
    return new StoredActivation(
        key, pending(key).activation(), state, 0, RetryOverride.NONE, null, null, true, 0);
  }

  private static List<Activation> oddActivations() {
    Partition nowhere = new Partition("", -1);
    return List.of(
        activation("ü 'quoted' 名前 \u0001 \uD83D\uDE00", "", "", nowhere, -1, null),
        activation("x".repeat(1_024), "a", "n", nowhere, Long.MAX_VALUE, Long.MAX_VALUE),
        activation("early", "a", "n", nowhere, 0, Long.MIN_VALUE),
        Activation.badRecord(
            new Partition("taskworker", 0), 17, Long.MIN_VALUE, NOON_MS, 12, "not a task: 'x'"),
        new Activation(
            "extremes",
            "a",
            "n",
            "t",
            new Partition("taskworker", Integer.MAX_VALUE),
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            Integer.MAX_VALUE,
            Delivery.AT_MOST_ONCE,
            OnAttemptsExceeded.DEAD_LETTER,
            Integer.MAX_VALUE,
            null));
  }

  private static List<RetryOverride> overrides() {
    return List.of(
        new RetryOverride(0, null),
        new RetryOverride(null, 0L),
        new RetryOverride(-1, -1L),
        new RetryOverride(Integer.MAX_VALUE, Long.MIN_VALUE));
  }

  private static Activation activation(
      String id,
      String application,
      String namespace,
      Partition partition,
      long offset,
      @Nullable Long expiresAtMs) {
    return new Activation(
        id,
        application,
        namespace,
        "task.name",
        partition,
        offset,
        NOON_MS - 1_500,
        NOON_MS,
        expiresAtMs,
        null,
        30,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.UNSPECIFIED,
        20,
        null);
  }

  /** The row as the next process sees it. */
  static StoredActivation wallTimeOnly(StoredActivation row) {
    ActivationState state =
        switch (row.state()) {
          case Claimed(Moment end, ClaimPurpose purpose) ->
              new Claimed(new Moment(end.wallMs(), 0), purpose);
          case Processing(Moment deadline) -> new Processing(new Moment(deadline.wallMs(), 0));
          case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> row.state();
        };
    return with(row, state, row.attempts());
  }
}
