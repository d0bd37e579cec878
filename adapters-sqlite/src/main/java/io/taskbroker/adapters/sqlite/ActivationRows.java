package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.Bucket;
import io.taskbroker.inflight.StoredNumbers;
import io.taskbroker.inflight.StoredState;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the tables {@code activation} and {@code progress} and what they mean. {@link NewRows}
 * writes what has just come with fewer values; nothing else maps one to the other.
 */
final class ActivationRows {
  private static final String ARRIVED =
      """
      key, id, application, namespace, taskname, topic, partition, offset, received_at, added_at,
      expires_at, delay_until, processing_deadline_sec, at_most_once, on_attempts_exceeded,
      payload_bytes, bucket, defect""";

  private static final String PROGRESS =
      """
      status, due_at, claim_purpose, attempts, retry_max_attempts, retry_delay_sec, parked,
      failure_cause, failed_at, last_error, under_way""";

  /** The columns that {@link #read} takes, in its order; {@link RowSource} says from where. */
  static final String COLUMNS = ARRIVED + ", " + PROGRESS + ", round";

  /** All columns of what came, and the number of the group that inserts it. */
  static final String INSERTED = ARRIVED + ", last_group";

  /** The values of {@link #INSERTED}, as {@link #bind} sets them. */
  static final String PARAMETERS = "(" + SizedStatement.repeated("?", 19) + ")";

  /** The columns that can change, as {@link Changeable#bind} sets them. */
  static final String CHANGES = PROGRESS + ", last_group, round";

  /** The values of {@link #CHANGES}, the same for many rows. */
  static final String CHANGED =
      IntStream.rangeClosed(1, 13).mapToObj(at -> "?" + at).collect(Collectors.joining(", "));

  /** The status of a row that waits for a worker. */
  static final int PENDING = StoredState.numberOf(Status.PENDING);

  /** Names and partitions repeat from row to row; the rows that are read share them. */
  private final NamePool names = new NamePool();

  private final Map<Partition, Partition> partitions = new HashMap<>();

  /** What can change of a row. Rows that agree in it are written by one statement. */
  record Changeable(
      int status,
      @Nullable Long dueAt,
      @Nullable Integer claimPurpose,
      int attempts,
      RetryOverride retry,
      @Nullable String parked,
      @Nullable Failure failure,
      boolean underWay,
      long round) {
    static Changeable of(StoredActivation row) {
      StoredState state = StoredState.of(row.state(), LongUnaryOperator.identity());
      return new Changeable(
          state.status(),
          state.dueAt(),
          state.claimPurpose(),
          row.attempts(),
          row.retry(),
          row.parked(),
          row.failure(),
          row.underWay(),
          row.round());
    }

    /**
     * @param group number of the group that changes the row
     */
    int bind(PreparedStatement statement, int at, long group) throws SQLException {
      int next = at;
      statement.setInt(next++, status);
      NullableColumns.setLong(statement, next++, dueAt);
      NullableColumns.setInt(statement, next++, claimPurpose);
      statement.setInt(next++, attempts);
      NullableColumns.setInt(statement, next++, retry.maxAttempts());
      NullableColumns.setLong(statement, next++, retry.delayOnRetrySec());
      statement.setString(next++, parked);
      NullableColumns.setInt(
          statement,
          next++,
          failure == null ? null : (Integer) StoredNumbers.numberOf(failure.cause()));
      NullableColumns.setLong(statement, next++, failure == null ? null : (Long) failure.atMs());
      statement.setString(next++, failure == null ? null : failure.lastError());
      statement.setInt(next++, underWay ? 1 : 0);
      statement.setLong(next++, group);
      statement.setLong(next++, round);
      return next;
    }
  }

  /**
   * Whether it is as the table {@code activation} alone has it: it waits, and nobody has had it.
   */
  static boolean isUntouched(StoredActivation row) {
    return row.state() instanceof Pending
        && row.attempts() == 0
        && row.retry().equals(RetryOverride.NONE)
        && row.parked() == null
        && row.failure() == null
        && !row.underWay()
        && row.round() == 0;
  }

  /**
   * Sets the columns of what came.
   *
   * @param group number of the group that inserts it
   */
  static int bind(PreparedStatement statement, int at, StoredActivation row, long group)
      throws SQLException {
    Activation activation = row.activation();
    int next = at;
    statement.setLong(next++, row.key());
    statement.setString(next++, activation.id());
    statement.setString(next++, activation.application());
    statement.setString(next++, activation.namespace());
    statement.setString(next++, activation.taskname());
    statement.setString(next++, activation.partition().topic());
    statement.setInt(next++, activation.partition().number());
    statement.setLong(next++, activation.offset());
    statement.setLong(next++, activation.receivedAtMs());
    statement.setLong(next++, activation.addedAtMs());
    NullableColumns.setLong(statement, next++, activation.expiresAtMs());
    NullableColumns.setLong(statement, next++, activation.delayUntilMs());
    statement.setInt(next++, activation.processingDeadlineSec());
    statement.setInt(next++, activation.isAtMostOnce() ? 1 : 0);
    statement.setInt(next++, StoredNumbers.numberOf(activation.onAttemptsExceeded()));
    statement.setInt(next++, activation.payloadBytes());
    statement.setInt(next++, Bucket.of(activation.id()));
    statement.setString(next++, activation.defect());
    statement.setLong(next++, group);
    return next;
  }

  /**
   * The row at which {@code columns} stands. Of a moment only the wall time is known.
   *
   * @throws IllegalArgumentException if the row is none that this version writes
   */
  StoredActivation read(ResultSet columns) throws SQLException {
    Activation activation =
        new Activation(
            columns.getString(2),
            names.share(columns.getString(3)),
            names.share(columns.getString(4)),
            names.share(columns.getString(5)),
            share(new Partition(names.share(columns.getString(6)), columns.getInt(7))),
            columns.getLong(8),
            columns.getLong(9),
            columns.getLong(10),
            NullableColumns.getLong(columns, 11),
            NullableColumns.getLong(columns, 12),
            columns.getInt(13),
            columns.getInt(14) == 0 ? Delivery.AT_LEAST_ONCE : Delivery.AT_MOST_ONCE,
            OnAttemptsExceeded.ofNumber(columns.getInt(15)),
            columns.getInt(16),
            columns.getString(18));
    return new StoredActivation(
        columns.getLong(1),
        activation,
        state(columns.getInt(19), columns.getLong(20), columns.getInt(21)),
        columns.getInt(22),
        retry(NullableColumns.getInt(columns, 23), NullableColumns.getLong(columns, 24)),
        columns.getString(25),
        failure(NullableColumns.getInt(columns, 26), columns.getLong(27), columns.getString(28)),
        columns.getInt(29) != 0,
        columns.getLong(30));
  }

  private static @Nullable Failure failure(
      @Nullable Integer cause, long atMs, @Nullable String lastError) {
    return cause == null ? null : new Failure(StoredNumbers.cause(cause), atMs, lastError);
  }

  private Partition share(Partition partition) {
    Partition known = partitions.putIfAbsent(partition, partition);
    return known == null ? partition : known;
  }

  private static ActivationState state(int status, long dueAt, int claimPurpose) {
    return new StoredState(status, dueAt, claimPurpose).state(LongUnaryOperator.identity());
  }

  private static RetryOverride retry(@Nullable Integer maxAttempts, @Nullable Long delaySec) {
    return maxAttempts == null && delaySec == null
        ? RetryOverride.NONE
        : new RetryOverride(maxAttempts, delaySec);
  }
}
