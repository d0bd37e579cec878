package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads all that a store holds besides the payloads, of any version, as far as it can be read. Used
 * by one thread.
 */
final class StateTables {
  private final Connection connection;
  private final DamageReport damage = new DamageReport();
  private final List<Gap> gaps = new ArrayList<>();

  /** Takes a row that was read. */
  @FunctionalInterface
  interface RowConsumer {
    void accept(StoredActivation row) throws SQLException;
  }

  /** Keys whose rows cannot be read; both ends are included. */
  record Gap(long first, long last) {
    boolean holds(long key) {
      return first <= key && key <= last;
    }
  }

  StateTables(Connection connection) {
    this.connection = connection;
  }

  /** What could not be read so far. */
  DamageReport damage() {
    return damage;
  }

  /** The keys of rows that could not be read so far. */
  List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  /** The acknowledged positions. */
  Map<Partition, Long> positions() throws SQLException {
    Map<Partition, Long> positions = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet columns =
            select.executeQuery("SELECT topic, partition, acknowledged FROM position")) {
      while (columns.next()) {
        positions.put(new Partition(columns.getString(1), columns.getInt(2)), columns.getLong(3));
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      damage.giveUp(); // all of it is on one page, which could not be written to either
      damage.add("acknowledged positions, but for %d (%s)".formatted(positions.size(), words(e)));
    }
    return positions;
  }

  /** Standing orders; none in a file of an earlier version, or where they cannot be read. */
  Map<String, String> orders() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet table =
            statement.executeQuery(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'standing_order'")) {
      return table.next() ? new OrderTable(connection).read() : Map.of();
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      damage.add("standing orders (%s)".formatted(words(e)));
      return Map.of();
    }
  }

  /** Finds out whether the number of a group can be read, and so written. */
  void checkLastGroup() throws SQLException {
    try (Statement select = connection.createStatement()) {
      select.executeQuery("SELECT last_group FROM written").close();
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      damage.giveUp(); // a group that only deletes writes it
      damage.add("number of the last group (%s)".formatted(words(e)));
    }
  }

  /**
   * Finds out whether hand-outs can be written: those of rows that nobody has had go to the end.
   */
  void checkEndOfProgress() throws SQLException {
    try (Statement select = connection.createStatement()) {
      select.executeQuery("SELECT max(key) FROM progress").close();
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      damage.giveUp();
      damage.add("where the next hand-outs go (%s)".formatted(words(e)));
    }
  }

  /** Hands over all rows that can be read, by ascending keys. */
  void rows(RowConsumer row) throws SQLException {
    ActivationRows rows = new ActivationRows();
    AtomicBoolean any = new AtomicBoolean();
    RowSource source = RowSource.in(connection, "main");
    new TolerantScan(connection, source.columns(), source.tables(), this::gap)
        .run(
            columns -> {
              StoredActivation read = null;
              try {
                read = rows.read(columns);
              } catch (IllegalArgumentException e) {
                long key = columns.getLong(1);
                gaps.add(new Gap(key, key));
                damage.add("key %d (%s)".formatted(key, e.getMessage()));
              }
              if (read != null) {
                any.set(true);
                row.accept(read);
              }
            });
    if (!damage.isEmpty() && !any.get()) {
      damage.giveUp();
    }
  }

  private void gap(long first, long last, SQLException reason) {
    gaps.add(new Gap(first, last));
    damage.add(
        last == Long.MAX_VALUE
            ? "keys from %d on (%s)".formatted(first, words(reason))
            : "keys %d to %d (%s)".formatted(first, last, words(reason)));
  }

  private static String words(SQLException e) {
    return String.valueOf(e.getMessage());
  }
}
