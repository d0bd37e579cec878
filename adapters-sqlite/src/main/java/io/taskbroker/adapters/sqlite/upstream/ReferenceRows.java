package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.adapters.sqlite.RowGroups;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Times;
import io.taskbroker.inflight.engine.StoredActivation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the rows of a reference's file into a store of ours, and keeps count.
 *
 * <p>The reference wrote down no position that Kafka had acknowledged, but it commits what it has
 * stored every few seconds, and when it is stopped. So if it ended in order all rows count as
 * committed; if it was killed, those do that are a minute older than the youngest row, which shows
 * that it lived on. The others wait as after a crash of this broker: an at-most-once task among
 * them runs only if its record comes again.
 */
final class ReferenceRows {
  /** Twelve times the reference's interval between commits. */
  private static final long SURELY_COMMITTED_AFTER_SEC = 60;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Connection original;
  private final ReferenceRules rules;
  private final boolean endedInOrder;
  private final Map<Partition, Long> committed = new HashMap<>();
  private final Map<Status, Integer> counts = new EnumMap<>(Status.class);
  private int waiting;
  private int bad;
  private int failed;

  ReferenceRows(Connection original, ReferenceRules rules, boolean endedInOrder) {
    this.original = original;
    this.rules = rules;
    this.endedInOrder = endedInOrder;
  }

  /**
   * Copies all rows, in the order in which they were added.
   *
   * @param target an empty store, whose connection is left open
   * @param progress is told of each group that is written
   */
  void copyTo(Connection target, Runnable progress) throws SQLException {
    RowGroups groups = new RowGroups(target, progress);
    try (Statement statement = original.createStatement();
        PreparedStatement select =
            original.prepareStatement(
                "SELECT %s FROM %s WHERE rowid = ?"
                    .formatted(ReferenceRow.columns(columns(statement)), ReferenceLayout.TABLE))) {
      long committedUntilSec = committedUntilSec(statement);
      long key = 0;
      for (long rowId : inOrderOfArrival(statement)) {
        select.setLong(1, rowId);
        try (ResultSet columns = select.executeQuery()) {
          if (columns.next()) {
            ReferenceRow row = ReferenceRow.read(columns);
            StoredActivation converted = convert(++key, row, committedUntilSec);
            boolean isOver = converted.state() instanceof Completed;
            groups.add(converted, isOver ? new byte[0] : row.payload());
          }
        }
      }
    }
    groups.positions(committed);
  }

  private StoredActivation convert(long key, ReferenceRow row, long committedUntilSec) {
    StoredActivation converted = rules.convert(key, row);
    if (row.addedAtSec() <= committedUntilSec) {
      committed.merge(converted.activation().partition(), Times.plus(row.offset(), 1), Math::max);
    } else if (waits(converted)) {
      waiting++;
    }
    count(row, converted);
    return converted;
  }

  private static boolean waits(StoredActivation row) {
    Status status = row.state().status();
    return row.activation().isAtMostOnce() && (status == Status.PENDING || status == Status.DELAY);
  }

  private void count(ReferenceRow row, StoredActivation converted) {
    Status status = converted.state().status();
    counts.merge(status, 1, Integer::sum);
    if (converted.activation().isBadRecord()) {
      bad++;
    } else if (status == Status.FAILURE && !row.status().equals("Failure")) {
      failed++;
    }
  }

  private static Set<String> columns(Statement statement) throws SQLException {
    Set<String> columns = new HashSet<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT name FROM pragma_table_info('" + ReferenceLayout.TABLE + "')")) {
      while (rows.next()) {
        columns.add(rows.getString(1));
      }
    }
    return columns;
  }

  private long committedUntilSec(Statement statement) throws SQLException {
    if (endedInOrder) {
      return Long.MAX_VALUE;
    }
    try (ResultSet row =
        statement.executeQuery("SELECT max(added_at) FROM " + ReferenceLayout.TABLE)) {
      return row.next() ? row.getLong(1) - SURELY_COMMITTED_AFTER_SEC : Long.MIN_VALUE;
    }
  }

  /** Only the numbers are sorted: payloads would go through a file. */
  private static long[] inOrderOfArrival(Statement statement) throws SQLException {
    LongStream.Builder ids = LongStream.builder();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT rowid FROM " + ReferenceLayout.TABLE + " ORDER BY added_at, rowid")) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids.build().toArray();
  }

  /** Says what has become of the rows. */
  void report(Path file, Path kept) {
    int all = counts.values().stream().mapToInt(Integer::intValue).sum();
    LOG.warn(
        "Imported {} rows of the reference broker into {} ({}). The original is kept as {}; remove"
            + " it once you do not want to go back",
        all,
        file,
        counts.isEmpty() ? "none" : words(),
        kept);
    if (failed > 0) {
      LOG.warn("{} imported at-most-once tasks may have run already and have failed", failed);
    }
    if (bad > 0) {
      LOG.error(
          "{} imported rows are no tasks that a worker could take; they go to the dead-letter topic"
              + " with the reason in a header",
          bad);
    }
    if (!endedInOrder) {
      LOG.warn(
          "The reference broker was not stopped in order. {} at-most-once tasks of its last minute"
              + " run only if their records come to this broker again",
          waiting);
    }
  }

  private String words() {
    return counts.entrySet().stream()
        .map(count -> count.getValue() + " " + count.getKey().name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
