package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.Activation;
import io.taskbroker.inflight.Bucket;
import io.taskbroker.inflight.StoredNumbers;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Inserts rows into the table {@code activation}. Used by the writer.
 *
 * <p>What arrives from Kafka mostly neither waits nor expires, and has its application, namespace
 * and topic in common with its neighbours. Such a row takes 12 values instead of 19, which is most
 * of what an insert costs.
 */
final class NewRows {
  /** From how many neighbours that are alike a statement of their own pays. */
  private static final int SHORTEST_RUN = 8;

  private static final String COMMON =
      """
      INSERT INTO activation (last_group, application, namespace, topic, key, id, taskname,
        partition, offset, received_at, added_at, processing_deadline_sec, at_most_once,
        on_attempts_exceeded, payload_bytes, bucket)
      VALUES\s""";

  /** The first four stand for what a run has in common. */
  private static final String COMMON_ROW = "(?1, ?2, ?3, ?4, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  private final SizedStatement common;
  private final SizedStatement any;

  NewRows(Connection connection) {
    this.common =
        new SizedStatement(connection, rows -> COMMON + SizedStatement.repeated(COMMON_ROW, rows));
    this.any =
        new SizedStatement(
            connection,
            rows ->
                "INSERT INTO activation (%s) VALUES %s"
                    .formatted(
                        ActivationRows.INSERTED,
                        SizedStatement.repeated(ActivationRows.PARAMETERS, rows)));
  }

  /**
   * Inserts what came; how far it has come is left to the caller.
   *
   * @param group number of the group that inserts them
   */
  void insert(List<StoredActivation> rows, long group) throws SQLException {
    List<StoredActivation> others = new ArrayList<>(0);
    int end;
    for (int begin = 0; begin < rows.size(); begin = end) {
      end = endOfRun(rows, begin);
      List<StoredActivation> run = rows.subList(begin, end);
      if (run.size() < SHORTEST_RUN) {
        others.addAll(run);
      } else {
        Activation first = run.getFirst().activation();
        common.update(
            (statement, at) -> bindShared(statement, at, first, group), run, NewRows::bindCommon);
      }
    }
    any.update(others, (statement, at, row) -> ActivationRows.bind(statement, at, row, group));
  }

  /** After the last of those that are like the first; one is a run of its own. */
  private static int endOfRun(List<StoredActivation> rows, int begin) {
    StoredActivation first = rows.get(begin);
    int end = begin + 1;
    if (hasCommonValues(first)) {
      while (end < rows.size()
          && hasCommonValues(rows.get(end))
          && isAlike(rows.get(end).activation(), first.activation())) {
        end++;
      }
    }
    return end;
  }

  /** Whether it has no value that {@link #COMMON} leaves out. */
  private static boolean hasCommonValues(StoredActivation row) {
    return row.activation().expiresAtMs() == null
        && row.activation().delayUntilMs() == null
        && row.activation().defect() == null;
  }

  private static boolean isAlike(Activation one, Activation other) {
    return one.application().equals(other.application())
        && one.namespace().equals(other.namespace())
        && one.partition().topic().equals(other.partition().topic());
  }

  private static int bindShared(
      PreparedStatement statement, int at, Activation activation, long group) throws SQLException {
    statement.setLong(at, group);
    statement.setString(at + 1, activation.application());
    statement.setString(at + 2, activation.namespace());
    statement.setString(at + 3, activation.partition().topic());
    return at + 4;
  }

  private static int bindCommon(PreparedStatement statement, int at, StoredActivation row)
      throws SQLException {
    Activation activation = row.activation();
    int next = at;
    statement.setLong(next++, row.key());
    statement.setString(next++, activation.id());
    statement.setString(next++, activation.taskname());
    statement.setInt(next++, activation.partition().number());
    statement.setLong(next++, activation.offset());
    statement.setLong(next++, activation.receivedAtMs());
    statement.setLong(next++, activation.addedAtMs());
    statement.setInt(next++, activation.processingDeadlineSec());
    statement.setInt(next++, activation.isAtMostOnce() ? 1 : 0);
    statement.setInt(next++, StoredNumbers.numberOf(activation.onAttemptsExceeded()));
    statement.setInt(next++, activation.payloadBytes());
    statement.setInt(next++, Bucket.of(activation.id()));
    return next;
  }
}
