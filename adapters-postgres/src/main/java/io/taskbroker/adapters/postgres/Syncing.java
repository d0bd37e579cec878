package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
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
      SELECT NOT fenced AND group_no >= ?,
             set_config('synchronous_commit', ?, true) IS NOT NULL,
             pg_logical_emit_message(true, 'taskbroker', '') IS NOT NULL
        FROM taskbroker_broker
       WHERE \
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
      } catch (JournalException e) {
        throw end.after(e);
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
    Membership.Search row = membership.nearItsPlace();
    while (!isSynced(wanted, row)) {
      membership.refuseIfDeposedOrBehind(session.get(), wanted);
      row = membership.byNumber();
    }
  }

  /** Whether the server stands at this group, as far as this finds this broker's row. */
  private boolean isSynced(long wanted, Membership.Search row) throws SQLException {
    boolean[] isSynced = new boolean[1];
    new Request()
        .add(Membership.BY_PLACE, (_, at) -> at)
        .add(
            SYNC + row.condition(),
            (statement, at) -> {
              statement.setLong(at, wanted);
              statement.setString(at + 1, membership.synced());
              return row.values().bind(statement, at + 2);
            },
            found -> isSynced[0] = found.next() && found.getBoolean(1))
        .run(session.get());
    return isSynced[0];
  }

  @Override
  public void close() {
    session.close();
  }
}
