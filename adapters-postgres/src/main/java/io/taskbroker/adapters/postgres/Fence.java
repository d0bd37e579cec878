package io.taskbroker.adapters.postgres;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What each group of a broker begins with.
 *
 * @param broker number of this broker
 * @param group number that it has after the group
 * @param before number that it must have before
 * @param place where this broker's row may be; null if it is to be looked for
 * @param synchronousCommit how the group's commit waits for the disk, in the server's words
 */
record Fence(
    long broker, long group, long before, @Nullable String place, String synchronousCommit) {
  GroupSection section() {
    return place == null ? GroupSection.FENCE : GroupSection.FENCE_IN_PLACE;
  }

  int bind(PreparedStatement statement, int at) throws SQLException {
    int next = at;
    statement.setLong(next++, group);
    if (place != null) {
      statement.setString(next++, place);
    }
    statement.setLong(next++, broker);
    statement.setLong(next++, before);
    return next;
  }
}
