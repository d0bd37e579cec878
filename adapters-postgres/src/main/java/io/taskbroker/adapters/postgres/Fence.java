package io.taskbroker.adapters.postgres;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * What each group of a broker begins with.
 *
 * @param broker number of this broker
 * @param group number that it has after the group
 * @param before number that it must have before
 * @param synchronousCommit how the group's commit waits for the disk, in the server's words
 */
record Fence(long broker, long group, long before, String synchronousCommit) {
  int bind(PreparedStatement statement, int at) throws SQLException {
    statement.setLong(at, group);
    statement.setLong(at + 1, broker);
    statement.setLong(at + 2, before);
    statement.setString(at + 3, synchronousCommit);
    return at + 4;
  }
}
