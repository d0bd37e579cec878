package io.taskbroker.adapters.postgres;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.StoredNumbers;
import io.taskbroker.inflight.StoredState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reports about rows of other brokers, in the table {@code taskbroker_report}. */
final class PostgresElsewhere implements Elsewhere {
  private static final List<Column<Report, ?>> COLUMNS =
      List.of(
          Column.ofText("id", Report::id),
          Column.ofLong("token", Report::token),
          Column.ofShort("word", report -> numberOf(report.word())),
          Column.ofInt("retry_max_attempts", report -> report.retry().maxAttempts()),
          Column.ofLong("retry_delay_sec", report -> report.retry().delayOnRetrySec()),
          Column.ofText("error", Report::error));

  private static final String BEGIN =
      """
      SELECT set_config('synchronous_commit', 'off', true) IS NOT NULL
        AND set_config('lock_timeout', '2s', true) IS NOT NULL
        AND set_config('idle_in_transaction_session_timeout', '2s', true) IS NOT NULL\
      """;

  private static final String LEAVE =
      """
      INSERT INTO taskbroker_report (custody, key, %s)
      SELECT t.custody, t.key, u.*
        FROM %s JOIN taskbroker_task t ON t.id = u.id AND t.defect IS NULL
       WHERE t.status <> %d
      RETURNING id\
      """
          .formatted(
              Column.names(COLUMNS), Column.unnest(COLUMNS), StoredState.numberOf(Status.COMPLETE));

  private static final String LEFT =
      """
      SELECT r.no, r.custody, r.key, r.id, r.token, r.word,
             r.retry_max_attempts, r.retry_delay_sec, r.error
        FROM taskbroker_report r
       WHERE r.custody = ANY (?)
       ORDER BY r.no
       LIMIT ?\
      """;

  private final Custodies custodies;
  private final ReferencePresence reference;
  private final EventSink<JournalEvent> metrics;
  private final PooledWork pool;

  PostgresElsewhere(Shared shared, PooledWork pool) {
    this.custodies = shared.custodies();
    this.reference = shared.reference();
    this.metrics = shared.metrics();
    this.pool = pool;
  }

  @Override
  public List<Boolean> leave(List<Report> reports) {
    if (reports.isEmpty()) {
      return List.of();
    }
    Set<String> left = new HashSet<>();
    List<Boolean> answers =
        pool.change(
            "leave reports for other brokers",
            connection -> {
              new Request()
                  .add(BEGIN, (_, at) -> at)
                  .add(
                      LEAVE,
                      (statement, at) -> Column.bindAll(COLUMNS, statement, at, reports),
                      rows -> {
                        while (rows.next()) {
                          left.add(String.valueOf(StorableText.decode(rows.getString(1))));
                        }
                      })
                  .run(connection);
              Set<String> found = new HashSet<>(left);
              found.addAll(tellTheReference(connection, reports, left));
              return reports.stream().map(report -> found.contains(report.id())).toList();
            });
    if (!left.isEmpty()) {
      metrics.count(new JournalEvent.ReportsLeft(left.size()));
    }
    return answers;
  }

  private static int numberOf(Word word) {
    return switch (word) {
      case Word.Concluded(Conclusion conclusion) -> StoredNumbers.numberOf(conclusion);
      case Word.NeverBegun _ -> 3;
      case Word.Published(Lane lane) ->
          switch (lane) {
            case RETRY -> 4;
            case DEAD_LETTER -> 5;
            case DEMOTION -> 6;
          };
    };
  }

  private static Word word(int number) {
    return switch (number) {
      case 3 -> new Word.NeverBegun();
      case 4 -> new Word.Published(Lane.RETRY);
      case 5 -> new Word.Published(Lane.DEAD_LETTER);
      case 6 -> new Word.Published(Lane.DEMOTION);
      default -> new Word.Concluded(StoredNumbers.conclusion(number));
    };
  }

  /** Reports on rows that have not been moved yet; returns the ids of those. */
  private Set<String> tellTheReference(
      Connection connection, List<Report> reports, Set<String> left) throws SQLException {
    List<Report> unknown = reports.stream().filter(one -> !left.contains(one.id())).toList();
    return unknown.isEmpty() || !reference.isThere() || !ReferenceTable.isThere(connection)
        ? Set.of()
        : ReferenceTable.report(connection, unknown);
  }

  @Override
  public List<Left> left(Collection<Partition> partitions, int most) {
    Map<Integer, Partition> owned = new HashMap<>();
    for (Partition partition : partitions) {
      Integer number = custodies.find(partition);
      if (number != null) {
        owned.put(number, partition);
      }
    }
    if (owned.isEmpty()) {
      return List.of();
    }
    return pool.read(
        "read reports that were left here",
        connection -> {
          List<Left> left = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(LEFT)) {
            select.setArray(
                1, connection.createArrayOf("int4", owned.keySet().toArray(Integer[]::new)));
            select.setInt(2, most);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                Partition partition = owned.get(rows.getInt(2));
                if (partition != null) {
                  left.add(new Left(rows.getLong(1), partition, rows.getLong(3), report(rows)));
                }
              }
            }
          }
          return left;
        });
  }

  private static Report report(ResultSet rows) throws SQLException {
    return new Report(
        String.valueOf(StorableText.decode(rows.getString(4))),
        rows.getLong(5),
        word(rows.getInt(6)),
        TaskColumns.retry(TaskColumns.nullableInt(rows, 7), TaskColumns.nullableLong(rows, 8)),
        StorableText.decode(rows.getString(9)));
  }
}
