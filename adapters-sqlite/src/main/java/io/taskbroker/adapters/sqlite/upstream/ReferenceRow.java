package io.taskbroker.adapters.sqlite.upstream;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row as the reference broker wrote it; null stands also for a column that the file's migration
 * did not have. Times are Unix seconds.
 */
record ReferenceRow(
    String id,
    byte[] payload,
    int partition,
    long offset,
    long addedAtSec,
    long attempts,
    @Nullable Long expiresAtSec,
    long deadlineDurationSec,
    @Nullable Long deadlineSec,
    String status,
    boolean atMostOnce,
    String namespace,
    @Nullable Long delayUntilSec,
    @Nullable Long onAttemptsExceeded,
    @Nullable Long receivedAtSec,
    String taskname,
    String application,
    @Nullable Long claimEndSec) {

  /** In the order of {@link #read}. */
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "activation",
          "partition",
          "offset",
          "added_at",
          "processing_attempts",
          "expires_at",
          "processing_deadline_duration",
          "processing_deadline",
          "status",
          "at_most_once",
          "namespace",
          "delay_until",
          "on_attempts_exceeded",
          "received_at",
          "taskname",
          "application",
          "claim_expires_at");

  /** What to select from a table that has only {@code present}. */
  static String columns(Set<String> present) {
    return COLUMNS.stream()
        .map(column -> present.contains(column) ? '"' + column + '"' : "NULL")
        .collect(Collectors.joining(", "));
  }

  static ReferenceRow read(ResultSet columns) throws SQLException {
    return new ReferenceRow(
        text(columns, 1),
        bytes(columns, 2),
        Math.clamp(columns.getLong(3), Integer.MIN_VALUE, Integer.MAX_VALUE),
        columns.getLong(4),
        columns.getLong(5),
        columns.getLong(6),
        number(columns, 7),
        columns.getLong(8),
        number(columns, 9),
        text(columns, 10),
        columns.getLong(11) != 0,
        text(columns, 12),
        number(columns, 13),
        number(columns, 14),
        number(columns, 15),
        text(columns, 16),
        text(columns, 17),
        number(columns, 18));
  }

  private static byte[] bytes(ResultSet columns, int at) throws SQLException {
    byte[] bytes = columns.getBytes(at);
    return bytes == null ? new byte[0] : bytes;
  }

  private static String text(ResultSet columns, int at) throws SQLException {
    String text = columns.getString(at);
    return text == null ? "" : text;
  }

  private static @Nullable Long number(ResultSet columns, int at) throws SQLException {
    long value = columns.getLong(at);
    return value == 0 && columns.wasNull() ? null : (Long) value;
  }
}
