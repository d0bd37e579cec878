package io.taskbroker.adapters.postgres;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One column of many rows, which goes to the server as one parameter, an array. So a statement has
 * one text, however many rows it is about.
 *
 * @param <R> what has the values
 * @param type of an element, in Postgres' words
 */
record Column<R, T>(
    String name, String type, IntFunction<T[]> array, Function<R, @Nullable T> value) {
  static <R> Column<R, Long> ofLong(String name, Function<R, @Nullable Long> value) {
    return new Column<>(name, "int8", Long[]::new, value);
  }

  static <R> Column<R, Integer> ofInt(String name, Function<R, @Nullable Integer> value) {
    return new Column<>(name, "int4", Integer[]::new, value);
  }

  /** Of numbers that fit into 16 bits. */
  static <R> Column<R, Short> ofShort(String name, Function<R, @Nullable Integer> value) {
    return new Column<>(
        name,
        "int2",
        Short[]::new,
        row -> {
          Integer number = value.apply(row);
          return number == null ? null : number.shortValue();
        });
  }

  static <R> Column<R, Boolean> ofFlag(String name, Function<R, @Nullable Boolean> value) {
    return new Column<>(name, "bool", Boolean[]::new, value);
  }

  static <R> Column<R, String> ofText(String name, Function<R, @Nullable String> value) {
    return new Column<>(name, "text", String[]::new, row -> StorableText.encode(value.apply(row)));
  }

  static <R> Column<R, byte[]> ofBytes(String name, Function<R, byte @Nullable []> value) {
    return new Column<>(name, "bytea", byte[][]::new, value);
  }

  /** Sets the parameter at this place. */
  void bind(PreparedStatement statement, int at, List<? extends R> rows) throws SQLException {
    @Nullable T[] values = array.apply(rows.size());
    for (int i = 0; i < values.length; i++) {
      values[i] = value.apply(rows.get(i));
    }
    Array parameter = statement.getConnection().createArrayOf(type, values);
    statement.setArray(at, parameter);
  }

  /** Sets the parameters from this place on; returns the place behind them. */
  static <R> int bindAll(
      List<? extends Column<R, ?>> columns,
      PreparedStatement statement,
      int at,
      List<? extends R> rows)
      throws SQLException {
    int next = at;
    for (Column<R, ?> column : columns) {
      column.bind(statement, next++, rows);
    }
    return next;
  }

  /** Such as {@code key, id}. */
  static String names(List<? extends Column<?, ?>> columns) {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }

  /** A table of the rows that are bound, such as {@code unnest(?::int8[]) AS u (key)}. */
  static String unnest(List<? extends Column<?, ?>> columns) {
    return columns.stream()
        .map(column -> "?::" + column.type() + "[]")
        .collect(Collectors.joining(", ", "unnest(", ") AS u (" + names(columns) + ")"));
  }
}
