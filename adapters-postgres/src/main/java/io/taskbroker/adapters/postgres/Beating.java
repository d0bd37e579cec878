package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody.Beat;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Custody.Silent;
import io.taskbroker.inflight.JournalException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Says that this broker lives, over a session that waits for nothing else. Used by one thread. */
final class Beating implements AutoCloseable {
  /** What is not asked for exactly is not counted beyond this. */
  private static final int MOST_COUNTED = 1_000;

  private static final String BEAT =
      """
      UPDATE taskbroker_heartbeat
         SET beat_at = clock_timestamp(), topics = ?, live_bytes = ?
       WHERE broker = ?
      RETURNING %s,
                set_config('synchronous_commit', 'off', true) IS NOT NULL
                AND set_config('statement_timeout', '2s', true) IS NOT NULL\
      """
          .formatted(ClockMeasuring.NOW_MS);

  private static final String OTHERS_BYTES =
      """
      SELECT coalesce(sum(h.live_bytes), 0)::int8
        FROM taskbroker_heartbeat h
       WHERE h.broker <> ? AND h.beat_at > clock_timestamp() - interval '%d seconds'\
      """
          .formatted(Silence.SECONDS);

  /**
   * Rows are counted for the free ones alone. Were they only asked for to be there, a plan could
   * begin with all rows, dead ones among them.
   */
  private static final String FREE =
      """
      SELECT c.topic, c.partition,
             (extract(epoch FROM clock_timestamp() - c.free_since) * 1000)::int8,
             counted.rows,
             EXISTS (SELECT 1 FROM taskbroker_heartbeat h
                      WHERE h.beat_at > clock_timestamp() - interval '%d seconds'
                        AND c.topic = ANY (h.topics))
        FROM taskbroker_custody c
       CROSS JOIN LATERAL (
         SELECT (SELECT count(*)
                   FROM (SELECT 1 FROM taskbroker_task t WHERE t.custody = c.no LIMIT %d) AS ours
                 )%%s AS rows
         OFFSET 0
         ) AS counted
       WHERE c.broker IS NULL AND counted.rows > 0\
      """
          .formatted(Silence.SECONDS, MOST_COUNTED);

  /** Rows of the reference's wait for an owner, too. */
  private static final String AND_LEFT_BY_THE_REFERENCE =
      """
       + (SELECT count(*)
            FROM (SELECT 1 FROM inflight_taskactivations r
                   WHERE r.topic = c.topic AND r.partition = c.partition LIMIT %d) AS theirs)\
      """
          .formatted(MOST_COUNTED);

  /** Brokers are looked at that are silent alone: each has left many dead versions of its row. */
  private static final String SILENT =
      """
      SELECT b.no, b.name, (extract(epoch FROM clock_timestamp() - h.beat_at) * 1000)::int8
        FROM taskbroker_heartbeat h
       CROSS JOIN LATERAL (
         SELECT no, name FROM taskbroker_broker WHERE no = h.broker AND NOT fenced OFFSET 0
         ) AS b
       WHERE h.broker <> ? AND h.beat_at < clock_timestamp() - interval '%d seconds'\
      """
          .formatted(Silence.SECONDS);

  private static final int BEATS_A_MINUTE = 30;

  private final Session session;
  private final Shared shared;
  private final PostgresErrors errors;
  private final OrderNames orderNames;
  private final ServerWarnings warnings;
  private long beats;

  Beating(Connections connections, Shared shared) {
    this.session = new Session("beat", connections::open, shared);
    this.shared = shared;
    this.errors = new PostgresErrors(shared.place());
    this.orderNames = new OrderNames(shared.membership().name());
    this.warnings = new ServerWarnings(shared.place(), shared.time());
  }

  /** As {@link io.taskbroker.inflight.Custody#beat}. */
  Beat beat(Set<String> topics) {
    shared.end().refuse();
    try {
      return beatOnce(topics);
    } catch (SQLException e) {
      session.giveUp();
      throw shared.end().after(errors.translate("say that this broker lives", e, Phase.READ));
    } catch (JournalException e) {
      throw shared.end().after(e);
    }
  }

  private Beat beatOnce(Set<String> topics) throws SQLException {
    long me = shared.membership().number();
    long acknowledged = shared.membership().lastAcknowledged();
    Set<Partition> wanted = new LinkedHashSet<>();
    List<Free> free = new ArrayList<>();
    List<Silent> silent = new ArrayList<>();
    Map<String, String> orders = new TreeMap<>();
    String[] names = topics.stream().map(StorableText::encode).toArray(String[]::new);
    Request.Values justMe =
        (statement, at) -> {
          statement.setLong(at, me);
          return at + 1;
        };
    if (beats++ % BEATS_A_MINUTE == 0) {
      lookAtTables();
    }
    long before = shared.time().now().wallMs();
    long[] serverMs = new long[1];
    boolean[] isInOrder = new boolean[1];
    Membership.Search row = shared.membership().nearItsPlace();
    new Request()
        .add(Membership.BY_PLACE, (_, at) -> at)
        .add(
            BEAT,
            (statement, at) -> {
              statement.setArray(at, statement.getConnection().createArrayOf("text", names));
              statement.setLong(at + 1, shared.size().own());
              statement.setLong(at + 2, me);
              return at + 3;
            },
            time -> serverMs[0] = time.next() ? time.getLong(1) : 0)
        .add(
            "SELECT NOT fenced AND group_no >= ? FROM taskbroker_broker WHERE " + row.condition(),
            (statement, at) -> {
              statement.setLong(at, acknowledged);
              return row.values().bind(statement, at + 1);
            },
            found -> isInOrder[0] = found.next() && found.getBoolean(1))
        .add(PostgresCustody.WANTED, justMe, rows -> PostgresCustody.readPartitions(rows, wanted))
        .add(
            FREE.formatted(shared.reference().isThere() ? AND_LEFT_BY_THE_REFERENCE : ""),
            (_, at) -> at,
            rows -> readFree(rows, free))
        .add(SILENT, justMe, rows -> readSilent(rows, silent))
        .add(OTHERS_BYTES, justMe, this::readOthers)
        .add(OrderNames.OF_EVERYBODY, (_, at) -> at, rows -> orderNames.read(rows, orders))
        .run(session.get());
    if (!isInOrder[0]) {
      shared.membership().refuseIfDeposedOrBehind(session.get(), acknowledged);
    }
    if (serverMs[0] != 0) {
      shared.clock().measured(serverMs[0], before, shared.time().now().wallMs());
    }
    Duration ahead = Duration.ofMillis(shared.clock().aheadMs());
    shared.metrics().count(new JournalEvent.Beaten(shared.custodies().numbers().length, ahead));
    warnings.look(ahead);
    return new Beat(wanted, free, silent, orders);
  }

  private void lookAtTables() throws SQLException {
    shared.reference().look(session.get());
    if (shared.reference().isThere()) {
      ReferenceTable.announce(session.get());
    }
    TableSight sight = TableSight.read(session.get());
    shared.metrics().count(new JournalEvent.TablesSeen(sight.deadRows(), sight.oldestAge()));
    warnings.look(sight);
  }

  private void readOthers(ResultSet row) throws SQLException {
    if (row.next()) {
      shared.size().others(row.getLong(1));
    }
  }

  private static void readFree(ResultSet rows, List<Free> free) throws SQLException {
    while (rows.next()) {
      free.add(
          new Free(
              Custodies.partition(rows),
              Duration.ofMillis(Math.max(0, rows.getLong(3))),
              rows.getLong(4),
              rows.getBoolean(5)));
    }
  }

  private static void readSilent(ResultSet rows, List<Silent> silent) throws SQLException {
    while (rows.next()) {
      silent.add(
          new Silent(
              rows.getLong(1),
              String.valueOf(StorableText.decode(rows.getString(2))),
              Duration.ofMillis(Math.max(0, rows.getLong(3)))));
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
