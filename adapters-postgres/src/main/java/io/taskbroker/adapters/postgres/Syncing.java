package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Makes all groups survive a crash of the server that were acknowledged before. A commit that waits
 * for the disk takes with it all that came before it in the server's log, whichever session wrote
 * it. Used by the syncer's thread.
 */
final class Syncing implements AutoCloseable {
  /**
   * Writes a mark to the log, since a transaction that has written nothing waits for nothing, and
   * tells whether the server still has the last group that it acknowledged: one that has crashed
   * meanwhile may not.
   */
  private static final String SYNC =
      """
      SELECT fenced,
             group_no >= ?,
             set_config('synchronous_commit', ?, true) IS NOT NULL,
             pg_logical_emit_message(true, 'taskbroker', '') IS NOT NULL
        FROM taskbroker_broker
       WHERE no = ?\
      """;

  /** Meanwhile intake waits, and nothing else does. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Session session;
  private final Membership membership;
  private final JournalEnd end;
  private final PostgresErrors errors;
  private final TimeSource time;

  Syncing(Connections connections, Shared shared) {
    this.session = new Session("sync", connections::open, shared);
    this.membership = shared.membership();
    this.end = shared.end();
    this.errors = new PostgresErrors(shared.place());
    this.time = shared.time();
  }

  /**
   * As {@link io.taskbroker.inflight.Journal#sync}. While the server is out of reach it is tried
   * again, for half a minute.
   *
   * @throws JournalException.NothingChanged if that did not help
   * @throws JournalException.Outdated if the server has lost groups
   */
  void sync() {
    long wanted = membership.lastAcknowledged();
    Moment last = time.now().plus(PATIENCE);
    while (true) {
      end.refuse();
      try {
        syncOnce(wanted);
        return;
      } catch (SQLException e) {
        session.giveUp();
        JournalException failure = end.after(errors.translate("sync what came in", e, Phase.READ));
        boolean isHopeless = !SqlStates.isOutOfReach(e) && !SqlStates.isPassing(e);
        if (isHopeless || last.isBefore(time.now()) || !Pauses.rest(PAUSE)) {
          throw failure;
        }
      }
    }
  }

  private void syncOnce(long wanted) throws SQLException {
    PreparedStatement select = session.prepared(SYNC);
    select.setLong(1, wanted);
    select.setString(2, membership.synced());
    select.setLong(3, membership.number());
    try (ResultSet row = select.executeQuery()) {
      if (!row.next() || row.getBoolean(1)) {
        throw end.after(membership.deposed(row));
      }
      if (!row.getBoolean(2)) {
        throw Membership.behind(wanted);
      }
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
