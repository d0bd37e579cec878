package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Notices what another process writes to the database. Used by the writer. */
final class OtherWriters {
  private final PreparedStatement selectDataVersion;
  private int dataVersion;
  private long changesBeside;

  OtherWriters(Connection connection) throws SQLException {
    this.selectDataVersion = connection.prepareStatement("PRAGMA data_version");
    this.dataVersion = dataVersion();
  }

  /**
   * Whether another process has changed the database since this was asked last.
   *
   * @param changesBesideTheWriter how often other connections of this process have; a change of
   *     another process since the last of those is not noticed
   */
  boolean haveWritten(long changesBesideTheWriter) throws SQLException {
    int before = dataVersion;
    dataVersion = dataVersion();
    boolean isOurs = changesBeside != changesBesideTheWriter;
    changesBeside = changesBesideTheWriter;
    return dataVersion != before && !isOurs;
  }

  private int dataVersion() throws SQLException {
    try (ResultSet row = selectDataVersion.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }
}
