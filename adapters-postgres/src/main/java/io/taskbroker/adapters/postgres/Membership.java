package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * This broker's row among the brokers of the database: its number, and the number of the last group
 * that the server has acknowledged. Safe for all threads, each with a connection of its own.
 */
final class Membership {
  /** How a commit waits for the disk that need not. */
  static final String NOT_SYNCED = "off";

  /**
   * Within the transaction, a row is looked for by its place, however few rows there are. What
   * cannot be found but by reading a table counts as so dear then that a server would compile it.
   */
  static final String BY_PLACE =
      "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

  /** Pages from a place on in which the row is looked for: further ones are of other brokers. */
  private static final int PAGES_FROM_A_PLACE_ON = 4;

  /** A place that no row is before. */
  private static final String FOREMOST = "(0,0)";

  /** A table has no further pages. */
  private static final long HIGHEST_PAGE = 0xffff_fffeL;

  private final String name;
  private final PostgresPlace place;
  private long number;
  private String synced = "on";
  private volatile long lastAcknowledged;
  private volatile String lastSeenAt = FOREMOST;

  /** This broker's row as the server has it. */
  private record Standing(
      long group, boolean fenced, @Nullable String fencedBy, @Nullable String fencedAt) {}

  /**
   * How this broker's row is looked for.
   *
   * @param condition a part of a statement
   * @param values its parameters
   */
  record Search(String condition, Request.Values values) {}

  Membership(String name, PostgresPlace place) {
    this.name = name;
    this.place = place;
  }

  /** Enters this broker; within a transaction of the caller's. */
  void enter(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            WITH entered AS (
              INSERT INTO taskbroker_broker (name, group_no) VALUES (?, 0)
              RETURNING no, ctid::text AS place),
            beating AS (
              INSERT INTO taskbroker_heartbeat (broker, beat_at, topics, live_bytes)
              SELECT no, clock_timestamp(), '{}', 0 FROM entered)
            SELECT no, current_setting('synchronous_commit'), place FROM entered\
            """)) {
      insert.setString(1, StorableText.encode(name));
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        number = row.getLong(1);
        String setting = row.getString(2);
        synced = setting.equals(NOT_SYNCED) ? "on" : setting;
        lastSeenAt = row.getString(3);
      }
    }
  }

  /**
   * Takes everything for this broker alone, and counts groups on from the last one that did; within
   * the transaction in which it entered.
   *
   * @throws UnusableDatabaseException if another broker lives
   */
  void takeAll(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE taskbroker_custody IN SHARE ROW EXCLUSIVE MODE");
      try (ResultSet row =
          statement.executeQuery(
              """
              SELECT b.no, b.name
                FROM taskbroker_broker b JOIN taskbroker_heartbeat h ON h.broker = b.no
               WHERE b.no <> %d AND NOT b.fenced
                 AND h.beat_at > clock_timestamp() - interval '%d seconds'\
              """
                  .formatted(number, Silence.SECONDS))) {
        if (row.next()) {
          throw new UnusableDatabaseException(
              "%s is held by broker %d (%s). Stop it, or wait until it is dead for %d s"
                  .formatted(place, row.getLong(1), row.getString(2), Silence.SECONDS));
        }
      }
      statement.execute(
          """
          UPDATE taskbroker_broker SET fenced = true, fenced_at = now(), fenced_by = '%d'
           WHERE no <> %d AND NOT fenced\
          """
              .formatted(number, number));
      statement.execute("DELETE FROM taskbroker_heartbeat WHERE broker <> " + number);
      statement.execute(
          "UPDATE taskbroker_custody SET broker = %d, wanted_by = NULL".formatted(number));
      statement.execute(
          """
          UPDATE taskbroker_broker SET group_no = m.last_group
            FROM taskbroker_meta m WHERE no = %d\
          """
              .formatted(number));
    }
  }

  long number() {
    return number;
  }

  /** For people. */
  String name() {
    return name;
  }

  /** How a commit waits for the disk that must: as the server has it, but at least for its own. */
  String synced() {
    return synced;
  }

  /** The last group that the server has acknowledged. */
  long lastAcknowledged() {
    return lastAcknowledged;
  }

  void acknowledged(long group) {
    lastAcknowledged = group;
  }

  /**
   * Looks for the row from where it was last on. Each group leaves a dead version of the row and
   * puts the new one behind it, and as long as a snapshot is held an index leads to all of them.
   * The row may not be found: it goes into room before that place if dead rows were removed there.
   */
  Search nearItsPlace() {
    String from = lastSeenAt;
    long page = Long.parseLong(from.substring(1, from.indexOf(',')));
    String end = "(%d,0)".formatted(Math.min(page + PAGES_FROM_A_PLACE_ON, HIGHEST_PAGE));
    return new Search(
        "ctid >= ?::tid AND ctid < ?::tid AND no + 0 = ?",
        (statement, at) -> {
          statement.setString(at, from);
          statement.setString(at + 1, end);
          statement.setLong(at + 2, number);
          return at + 3;
        });
  }

  /** Looks for the row by its number, wherever it is. */
  Search byNumber() {
    return new Search(
        "no = ?",
        (statement, at) -> {
          statement.setLong(at, number);
          return at + 1;
        });
  }

  /** Where this broker's row was last. */
  String lastSeenAt() {
    return lastSeenAt;
  }

  void seenAt(String place) {
    lastSeenAt = place;
  }

  /**
   * The last group that is written, once it is certain: a transaction that the server has not ended
   * yet is waited for. From here on that group counts as acknowledged.
   *
   * @throws JournalException.Deposed if this broker is deposed
   */
  long lastGroup(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    Standing standing;
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '8s'");
      standing = standing(statement, "FOR UPDATE");
      connection.commit();
    }
    if (standing.fenced()) {
      throw deposed(standing);
    }
    lastAcknowledged = standing.group();
    return standing.group();
  }

  /** Why the fence let a group with this number not through. */
  JournalException refusal(Connection connection, long group) throws SQLException {
    Standing standing;
    try (Statement statement = connection.createStatement()) {
      standing = standing(statement, "");
    }
    if (standing.fenced()) {
      return deposed(standing);
    }
    String numbers =
        "%s: the last group of this broker there is %d, and the next one would have been %d"
            .formatted(place, standing.group(), group);
    return standing.group() >= group
        ? new JournalException.Unknown(numbers, new SQLException("the group may be there"))
        : new JournalException.Outdated("The server has lost groups. " + numbers, null);
  }

  private Standing standing(Statement statement, String lock) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT group_no, fenced, fenced_by, fenced_at::text FROM taskbroker_broker WHERE no = "
                + number
                + " "
                + lock)) {
      return row.next()
          ? new Standing(row.getLong(1), row.getBoolean(2), row.getString(3), row.getString(4))
          : new Standing(0, true, null, null);
    }
  }

  private JournalException.Deposed deposed(Standing standing) {
    return new JournalException.Deposed(
        standing.fencedBy() == null
            ? "Broker %d (%s) is not known to %s any more".formatted(number, name, place)
            : "Broker %d (%s) was deposed by broker %s at %s, as it had not been heard of for %d s; its partitions are served by others"
                .formatted(
                    number, name, standing.fencedBy(), standing.fencedAt(), Silence.SECONDS));
  }

  /**
   * @throws JournalException.Deposed if this broker is deposed
   */
  void refuseIfDeposed(Connection connection) throws SQLException {
    refuseIfDeposedOrBehind(connection, 0);
  }

  /**
   * @throws JournalException.Deposed if this broker is deposed
   * @throws JournalException.Outdated if the server does not have this group any more, which it had
   *     acknowledged
   */
  void refuseIfDeposedOrBehind(Connection connection, long acknowledged) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Standing standing = standing(statement, "");
      if (standing.fenced()) {
        throw deposed(standing);
      }
      if (standing.group() < acknowledged) {
        throw new JournalException.Outdated(
            "The server has lost groups: group %d, which it had acknowledged, is not there"
                .formatted(acknowledged),
            null);
      }
    }
  }

  /** What to say where a row has shown that this broker is deposed: the server knows by whom. */
  JournalException.Deposed deposed(ResultSet shown) throws SQLException {
    try (Statement statement = shown.getStatement().getConnection().createStatement()) {
      return deposed(standing(statement, ""));
    }
  }

  /**
   * Frees all custodies, and signs this broker off.
   *
   * @param alone whether the next one that owns everything counts groups on from here
   */
  void leave(Connection connection, boolean alone) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '2s'");
      statement.execute("SET LOCAL synchronous_commit = 'on'");
      statement.execute(
          "UPDATE taskbroker_custody SET broker = NULL, free_since = now() WHERE broker = "
              + number);
      statement.execute(
          "UPDATE taskbroker_custody SET wanted_by = NULL WHERE wanted_by = " + number);
      if (alone) {
        statement.execute(
            """
            UPDATE taskbroker_meta
               SET last_group = b.group_no,
                   last_key = greatest(last_key, (SELECT max(key) FROM taskbroker_task))
              FROM taskbroker_broker b WHERE b.no = %d AND NOT b.fenced\
            """
                .formatted(number));
      }
      statement.execute("DELETE FROM taskbroker_heartbeat WHERE broker = " + number);
      statement.execute("DELETE FROM taskbroker_broker WHERE no = " + number);
    }
    connection.commit();
  }
}
