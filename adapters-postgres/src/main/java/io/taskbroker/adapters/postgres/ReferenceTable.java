package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Elsewhere.Report;
import io.taskbroker.inflight.Elsewhere.Word;
import io.taskbroker.inflight.StoredNumbers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The table in which getsentry/taskbroker keeps its tasks. Who has the custody of a partition moves
 * that partition's rows out of it, piece by piece while it serves, and looks there again as long as
 * the table has its name.
 *
 * <p>Brokers of the reference may run meanwhile. Rows that they have locked are passed over. Rows
 * that are with their workers stay until a report or a deadline has ended that, since a report to a
 * broker of the reference looks for its row here.
 */
final class ReferenceTable {
  /** Moved in one transaction. */
  static final int AT_ONCE = 500;

  /** Whether the name is that of its table, as its last migration has left it. */
  private static final String IS_THERE =
      """
      SELECT count(*) > 0
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'topic'
       WHERE c.oid = to_regclass('%s') AND c.relkind IN ('r', 'p')\
      """
          .formatted(Schema.VIEW);

  /** An at-most-once task that a worker may have had: a failed push leaves these behind. */
  private static final String MAY_HAVE_RUN =
      "(g.claim_expires_at IS NOT NULL OR g.processing_deadline IS NOT NULL"
          + " OR g.processing_attempts <> 0)";

  /** No worker has it any more, as far as the reference knows. */
  private static final String IS_WITH_NOBODY =
      """
      (r.status NOT IN ('Claimed', 'Processing')
       OR (r.status = 'Claimed' AND coalesce(r.claim_expires_at, '-infinity') < clock_timestamp())
       OR (r.status = 'Processing'
           AND coalesce(r.processing_deadline, '-infinity') < clock_timestamp()))\
      """;

  private static final String COUNT =
      """
      SELECT r.topic, r.partition, count(*)
        FROM inflight_taskactivations r
        JOIN taskbroker_custody c ON c.topic = r.topic AND c.partition = r.partition
       WHERE c.no = ANY (?) AND %s
       GROUP BY r.topic, r.partition ORDER BY r.topic, r.partition\
      """
          .formatted(IS_WITH_NOBODY);

  private static final List<Column<Outcome, ?>> REPORTED =
      List.of(
          Column.ofText("id", Outcome::id),
          Column.ofShort("conclusion", outcome -> StoredNumbers.numberOf(outcome.conclusion())));

  /** The first report counts, so a row that has one already is left as it is. */
  private static final String REPORT =
      """
      UPDATE inflight_taskactivations r
         SET status = CASE u.conclusion WHEN 0 THEN 'Complete' WHEN 1 THEN 'Failure' ELSE 'Retry' END
        FROM %s
       WHERE r.id = u.id AND r.status IN ('Processing', 'Claimed', 'Pending')
      RETURNING r.id\
      """
          .formatted(Column.unnest(REPORTED));

  private static final String MOVE =
      """
      WITH gone AS (
        DELETE FROM inflight_taskactivations
         WHERE id IN (SELECT id FROM inflight_taskactivations r
                       WHERE r.topic = ? AND r.partition = ? AND %9$s
                       ORDER BY r.added_at, r.id LIMIT %1$d
                         FOR UPDATE SKIP LOCKED)
        RETURNING *),
      task AS (
        INSERT INTO taskbroker_task (
          key, custody, id, application, namespace, taskname, kafka_offset, received_at, added_at,
          expires_at, delay_until, processing_deadline_sec, at_most_once, on_attempts_exceeded,
          payload_bytes, bucket, defect, status, due_at, claim_purpose, attempts, under_way,
          round)
        SELECT ? - 1 + row_number() OVER (ORDER BY g.added_at, g.id),
               ?, g.id, g.application, g.namespace, g.taskname, g.kafka_offset,
               %3$s, %4$s, %5$s, %6$s,
               greatest(g.processing_deadline_duration, 0), g.at_most_once,
               CASE WHEN s.status IS NULL THEN 2
                    WHEN g.on_attempts_exceeded BETWEEN 0 AND 2 THEN g.on_attempts_exceeded
                    ELSE 0 END,
               octet_length(g.activation), g.bucket,
               CASE WHEN s.status IS NULL
                    THEN 'row of a taken-over database: its status is not known' END,
               coalesce(s.status, 5),
               CASE s.status WHEN 0 THEN %6$s
                             WHEN 2 THEN coalesce(%7$s, 0)
                             WHEN 3 THEN coalesce(%8$s, 0) END,
               CASE s.status WHEN 2 THEN 0 END,
               greatest(g.processing_attempts, 0), false, 0
          FROM gone g
          CROSS JOIN LATERAL (SELECT CASE
            WHEN g.status = 'Delay' AND g.delay_until IS NOT NULL THEN 0
            WHEN g.status = 'Pending' AND g.at_most_once AND %2$s THEN 5
            WHEN g.status IN ('Pending', 'Delay') THEN 1
            WHEN g.status = 'Claimed' THEN 2
            WHEN g.status = 'Processing' THEN 3
            WHEN g.status = 'Retry' AND g.at_most_once THEN 5
            WHEN g.status = 'Retry' THEN 4
            WHEN g.status = 'Failure' THEN 5
            WHEN g.status = 'Complete' THEN 6 END) AS s (status)
        %10$s
        RETURNING key, id, status),
      payload AS (
        INSERT INTO taskbroker_payload (key, bytes)
        SELECT t.key, g.activation FROM task t JOIN gone g ON g.id = t.id WHERE t.status <> 6
        RETURNING key)
      SELECT count(*) FROM gone\
      """
          .formatted(
              AT_ONCE,
              MAY_HAVE_RUN,
              ms("g.received_at"),
              ms("g.added_at"),
              ms("g.expires_at"),
              ms("g.delay_until"),
              ms("g.claim_expires_at"),
              ms("g.processing_deadline"),
              IS_WITH_NOBODY,
              Schema.OR_LEAVE_OUT);

  /** What a worker has reported of a task. */
  private record Outcome(String id, Conclusion conclusion) {}

  private ReferenceTable() {}

  private static String ms(String column) {
    return "(extract(epoch FROM %s) * 1000)::int8".formatted(column);
  }

  static boolean isThere(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(IS_THERE)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Enters the partitions that its rows are of, so that somebody takes them. */
  static void announce(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO taskbroker_custody (topic, partition, free_since)
          SELECT topic, partition, now() FROM inflight_taskactivations
           GROUP BY topic, partition ORDER BY topic, partition
          ON CONFLICT (topic, partition) DO NOTHING\
          """);
    }
  }

  /**
   * How many rows can be moved of each partition among these custodies that has any.
   *
   * @param custodies their numbers
   */
  static Map<Partition, Long> count(Connection connection, Integer[] custodies)
      throws SQLException {
    Map<Partition, Long> counts = new LinkedHashMap<>();
    try (PreparedStatement count = connection.prepareStatement(COUNT)) {
      count.setArray(1, connection.createArrayOf("int4", custodies));
      try (ResultSet row = count.executeQuery()) {
        while (row.next()) {
          counts.put(Custodies.partition(row), row.getLong(3));
        }
      }
    }
    return counts;
  }

  /**
   * Takes down reports on rows that are still here, within a transaction of the caller's. What a
   * worker says of its next attempt besides is lost.
   *
   * @return ids of the rows that were found
   */
  static Set<String> report(Connection connection, List<Report> reports) throws SQLException {
    List<Outcome> outcomes = reports.stream().flatMap(ReferenceTable::outcome).toList();
    if (outcomes.isEmpty()) {
      return Set.of();
    }
    Set<String> found = new HashSet<>();
    try (PreparedStatement update = connection.prepareStatement(REPORT)) {
      int _ = Column.bindAll(REPORTED, update, 1, outcomes);
      try (ResultSet rows = update.executeQuery()) {
        while (rows.next()) {
          found.add(String.valueOf(StorableText.decode(rows.getString(1))));
        }
      }
    }
    return found;
  }

  /**
   * Only what a worker says of a task: no row that is still here was handed out by a broker of
   * ours.
   */
  private static Stream<Outcome> outcome(Report report) {
    return report.word() instanceof Word.Concluded(Conclusion conclusion)
        ? Stream.of(new Outcome(report.id(), conclusion))
        : Stream.empty();
  }

  /**
   * Moves a piece of a partition's rows, within a transaction of the caller's.
   *
   * @param firstKey of the {@value #AT_ONCE} that the rows get keys from
   * @return how many; fewer than {@value #AT_ONCE} if no more can be moved now
   */
  static int moveSome(Connection connection, Partition partition, int custody, long firstKey)
      throws SQLException {
    try (PreparedStatement move = connection.prepareStatement(MOVE)) {
      move.setString(1, StorableText.encode(partition.topic()));
      move.setInt(2, partition.number());
      move.setLong(3, firstKey);
      move.setInt(4, custody);
      try (ResultSet row = move.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
