package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits, at the start, for a server that refuses connections, is starting itself or has no session
 * free: up to {@link PostgresSettings#LONGEST_WAIT_AT_START}. Any other failure is final at once.
 */
final class PatientStart {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final PostgresPlace place;
  private final TimeSource time;

  /** Opens something at the server. */
  @FunctionalInterface
  interface Opening<T> {
    T open() throws SQLException;
  }

  PatientStart(PostgresPlace place, TimeSource time) {
    this.place = place;
    this.time = time;
  }

  /**
   * @throws UnusableDatabaseException if the server was not there in time, or refuses for good
   */
  <T> T await(Opening<T> opening) {
    Moment end = time.now().plus(PostgresSettings.LONGEST_WAIT_AT_START);
    boolean isFirst = true;
    while (true) {
      try {
        return opening.open();
      } catch (SQLException e) {
        if (!SqlStates.isOutOfReach(e) || SqlStates.isRefusalOfTls(e)) {
          throw new UnusableDatabaseException(
              "%s cannot be used: %s".formatted(place, PostgresErrors.wordsAtStart(e)), e);
        }
        if (!time.now().isBefore(end)) {
          throw new UnusableDatabaseException(
              "%s was not there within %d s: %s"
                  .formatted(
                      place,
                      PostgresSettings.LONGEST_WAIT_AT_START.toSeconds(),
                      PostgresErrors.words(e)),
              e);
        }
        if (isFirst) {
          LOG.warn("Waiting for Postgres, {}: {}", place, PostgresErrors.words(e));
        }
        isFirst = false;
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableDatabaseException("Interrupted while waiting for Postgres", e);
    }
  }
}
