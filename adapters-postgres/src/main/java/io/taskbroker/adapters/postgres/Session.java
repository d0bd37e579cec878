package io.taskbroker.adapters.postgres;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is opened when it is needed, and again after it was lost: at once, and then
 * after a pause that doubles up to two seconds. During the pause, callers are told why there is no
 * connection. Used by one thread at a time.
 */
final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final String name;
  private final PatientStart.Opening<Connection> opening;
  private final TimeSource time;
  private final EventSink<JournalEvent> metrics;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private @Nullable Connection connection;
  private @Nullable SQLException lastFailure;
  private Duration pause = Duration.ZERO;
  private @Nullable Moment notBefore;

  /**
   * @param name for people
   */
  Session(String name, PatientStart.Opening<Connection> opening, Shared shared) {
    this.name = name;
    this.opening = opening;
    this.time = shared.time();
    this.metrics = shared.metrics();
  }

  /**
   * The connection.
   *
   * @throws SQLException if there is none; the code says that it is out of reach
   */
  Connection get() throws SQLException {
    Connection open = connection;
    if (open != null) {
      return open;
    }
    Moment now = time.now();
    SQLException before = lastFailure;
    if (before != null && notBefore != null && now.isBefore(notBefore)) {
      throw before;
    }
    Connection opened;
    try {
      opened = opening.open();
    } catch (SQLException e) {
      rest(now);
      lastFailure = e;
      metrics.count(new JournalEvent.ConnectionLost());
      throw e;
    }
    if (before != null) {
      LOG.info("Postgres answers again ({})", name);
    }
    lastFailure = null;
    pause = Duration.ZERO;
    connection = opened;
    return opened;
  }

  private void rest(Moment now) {
    pause = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    // Half more or less, so that brokers which have lost a server do not come back all at once.
    double share = 0.5 + ThreadLocalRandom.current().nextDouble();
    notBefore = now.plus(Duration.ofNanos((long) (pause.toNanos() * share)));
  }

  /** A statement that is kept as long as the connection, and so may be its plan. */
  PreparedStatement prepared(String sql) throws SQLException {
    return kept(sql, Connection::prepareStatement);
  }

  /** As the other, of a statement that is {@linkplain PlannedAnew planned anew} each time. */
  PreparedStatement plannedAnew(String sql) throws SQLException {
    return kept(sql, PlannedAnew::prepare);
  }

  @FunctionalInterface
  private interface Preparing {
    PreparedStatement prepare(Connection connection, String sql) throws SQLException;
  }

  private PreparedStatement kept(String sql, Preparing preparing) throws SQLException {
    Connection open = get();
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = preparing.prepare(open, sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  /** Gives the connection up, and with it whatever was not committed. */
  void giveUp() {
    Connection open = connection;
    connection = null;
    statements.clear();
    if (open != null) {
      metrics.count(new JournalEvent.ConnectionLost());
      closeQuietly(open);
    }
  }

  private void closeQuietly(Connection open) {
    try {
      open.close();
    } catch (SQLException e) {
      LOG.debug("A connection could not be closed in order ({})", name, e);
    }
  }

  /**
   * Rolls back after a failure.
   *
   * @return whether the connection is still good
   */
  boolean rolledBack(SQLException failure) {
    Connection open = connection;
    if (open == null || SqlStates.isOutOfReach(failure)) {
      return false;
    }
    try {
      if (!open.getAutoCommit()) {
        open.rollback();
      }
      return true;
    } catch (SQLException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      closeQuietly(open);
    }
  }
}
