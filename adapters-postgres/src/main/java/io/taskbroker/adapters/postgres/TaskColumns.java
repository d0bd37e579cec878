package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.Bucket;
import io.taskbroker.inflight.StoredNumbers;
import io.taskbroker.inflight.StoredState;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the table {@code taskbroker_task} and what they mean. Nothing else maps one to the other.
 */
final class TaskColumns {
  /**
   * A row on its way to the table.
   *
   * @param custody number of its partition's custody; 0 where it does not change
   */
  record Writable(StoredActivation row, int custody, StoredState progress) {
    Activation activation() {
      return row.activation();
    }
  }

  static final Column<Writable, Long> KEY = Column.ofLong("key", written -> written.row().key());

  private static final List<Column<Writable, ?>> ARRIVED =
      List.of(
          KEY,
          Column.ofInt("custody", Writable::custody),
          Column.ofText("id", written -> written.activation().id()),
          Column.ofText("application", written -> written.activation().application()),
          Column.ofText("namespace", written -> written.activation().namespace()),
          Column.ofText("taskname", written -> written.activation().taskname()),
          Column.ofLong("kafka_offset", written -> written.activation().offset()),
          Column.ofLong("received_at", written -> written.activation().receivedAtMs()),
          Column.ofLong("added_at", written -> written.activation().addedAtMs()),
          Column.ofLong("expires_at", written -> written.activation().expiresAtMs()),
          Column.ofLong("delay_until", written -> written.activation().delayUntilMs()),
          Column.ofInt(
              "processing_deadline_sec", written -> written.activation().processingDeadlineSec()),
          Column.ofFlag("at_most_once", written -> written.activation().isAtMostOnce()),
          Column.ofShort(
              "on_attempts_exceeded",
              written -> StoredNumbers.numberOf(written.activation().onAttemptsExceeded())),
          Column.ofInt("payload_bytes", written -> written.activation().payloadBytes()),
          Column.ofShort("bucket", written -> Bucket.of(written.activation().id())),
          Column.ofText("defect", written -> written.activation().defect()));

  private static final List<Column<Writable, ?>> CHANGING =
      List.of(
          Column.ofShort("status", written -> written.progress().status()),
          Column.ofLong("due_at", written -> written.progress().dueAt()),
          Column.ofShort("claim_purpose", written -> written.progress().claimPurpose()),
          Column.ofInt("attempts", written -> written.row().attempts()),
          Column.ofInt("retry_max_attempts", written -> written.row().retry().maxAttempts()),
          Column.ofLong("retry_delay_sec", written -> written.row().retry().delayOnRetrySec()),
          Column.ofText("parked", written -> written.row().parked()),
          Column.ofShort("failure_cause", written -> cause(written.row().failure())),
          Column.ofLong("failed_at", written -> failedAt(written.row().failure())),
          Column.ofText("last_error", written -> lastError(written.row().failure())),
          Column.ofFlag("under_way", written -> written.row().underWay()),
          Column.ofLong("round", written -> written.row().round()));

  /** All of a row. */
  static final List<Column<Writable, ?>> INSERTED =
      Stream.concat(ARRIVED.stream(), CHANGING.stream()).toList();

  /** The key, and what can change. */
  static final List<Column<Writable, ?>> UPDATED =
      Stream.concat(Stream.of(KEY), CHANGING.stream()).toList();

  /** What {@link #read} takes, of a task {@code t} and the custody {@code c} of its partition. */
  static final String READ =
      "c.topic, c.partition, "
          + String.join(", ", INSERTED.stream().map(column -> "t." + column.name()).toList());

  /** Where {@link #READ} comes from. */
  static final String FROM = "taskbroker_task t JOIN taskbroker_custody c ON c.no = t.custody";

  /** Names repeat from row to row; the rows that are read share them. */
  private final NamePool names = new NamePool();

  private final ServerClock clock;
  private @Nullable Partition latest;

  TaskColumns(ServerClock clock) {
    this.clock = clock;
  }

  /** What has to be set of each of these to change it. */
  static String updates() {
    return String.join(
        ", ", CHANGING.stream().map(column -> column.name() + " = u." + column.name()).toList());
  }

  private static @Nullable Integer cause(@Nullable Failure failure) {
    return failure == null ? null : (Integer) StoredNumbers.numberOf(failure.cause());
  }

  private static @Nullable Long failedAt(@Nullable Failure failure) {
    return failure == null ? null : (Long) failure.atMs();
  }

  private static @Nullable String lastError(@Nullable Failure failure) {
    return failure == null ? null : failure.lastError();
  }

  /**
   * The row at which {@code columns} stands. Of a moment only the wall time is known.
   *
   * @throws IllegalArgumentException if the row is none that this version writes
   */
  StoredActivation read(ResultSet columns) throws SQLException {
    Activation activation =
        new Activation(
            text(columns, 5),
            names.share(text(columns, 6)),
            names.share(text(columns, 7)),
            names.share(text(columns, 8)),
            share(names.share(text(columns, 1)), columns.getInt(2)),
            columns.getLong(9),
            columns.getLong(10),
            columns.getLong(11),
            nullableLong(columns, 12),
            nullableLong(columns, 13),
            columns.getInt(14),
            columns.getBoolean(15) ? Delivery.AT_MOST_ONCE : Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.ofNumber(columns.getInt(16)),
            columns.getInt(17),
            StorableText.decode(columns.getString(19)));
    StoredState progress =
        new StoredState(columns.getInt(20), nullableLong(columns, 21), nullableInt(columns, 22));
    return new StoredActivation(
        columns.getLong(3),
        activation,
        progress.state(clock::fromServer),
        columns.getInt(23),
        retry(nullableInt(columns, 24), nullableLong(columns, 25)),
        StorableText.decode(columns.getString(26)),
        failure(
            nullableInt(columns, 27),
            columns.getLong(28),
            StorableText.decode(columns.getString(29))),
        columns.getBoolean(30),
        columns.getLong(31));
  }

  private Partition share(String topic, int number) {
    Partition last = latest;
    if (last != null && last.number() == number && last.topic().equals(topic)) {
      return last;
    }
    Partition partition = new Partition(topic, number);
    latest = partition;
    return partition;
  }

  private static String text(ResultSet columns, int at) throws SQLException {
    return Objects.requireNonNull(StorableText.decode(columns.getString(at)));
  }

  private static @Nullable Failure failure(
      @Nullable Integer cause, long atMs, @Nullable String lastError) {
    return cause == null ? null : new Failure(StoredNumbers.cause(cause), atMs, lastError);
  }

  static RetryOverride retry(@Nullable Integer maxAttempts, @Nullable Long delaySec) {
    return maxAttempts == null && delaySec == null
        ? RetryOverride.NONE
        : new RetryOverride(maxAttempts, delaySec);
  }

  static @Nullable Long nullableLong(ResultSet columns, int at) throws SQLException {
    long value = columns.getLong(at);
    return value == 0 && columns.wasNull() ? null : (Long) value;
  }

  static @Nullable Integer nullableInt(ResultSet columns, int at) throws SQLException {
    int value = columns.getInt(at);
    return value == 0 && columns.wasNull() ? null : (Integer) value;
  }
}
