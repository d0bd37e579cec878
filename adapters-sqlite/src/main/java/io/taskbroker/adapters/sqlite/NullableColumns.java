package io.taskbroker.adapters.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/** Numbers that a column may lack. */
public final class NullableColumns {
  private NullableColumns() {}

  static void setLong(PreparedStatement statement, int at, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(at, Types.BIGINT);
    } else {
      statement.setLong(at, value);
    }
  }

  static void setInt(PreparedStatement statement, int at, @Nullable Integer value)
      throws SQLException {
    if (value == null) {
      statement.setNull(at, Types.INTEGER);
    } else {
      statement.setInt(at, value);
    }
  }

  public static @Nullable Long getLong(ResultSet columns, int at) throws SQLException {
    long value = columns.getLong(at);
    return value == 0 && columns.wasNull() ? null : (Long) value;
  }

  public static @Nullable Integer getInt(ResultSet columns, int at) throws SQLException {
    int value = columns.getInt(at);
    return value == 0 && columns.wasNull() ? null : (Integer) value;
  }
}
