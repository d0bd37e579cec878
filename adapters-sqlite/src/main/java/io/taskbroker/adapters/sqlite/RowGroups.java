package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Fills a new store in transactions of a bounded size. Used by one thread. */
public final class RowGroups implements AutoCloseable {
  private static final int GROUP_ROWS = 500;
  private static final long GROUP_BYTES = 4L << 20;

  private final GroupWriter writer;
  private final Runnable progress;
  private List<StoredActivation> rows = new ArrayList<>();
  private Map<Long, byte[]> payloads = new HashMap<>();
  private long bytes;

  /**
   * @param target an empty store, whose connection is left open
   */
  RowGroups(Connection target) throws SQLException {
    this(target, () -> {});
  }

  /** As the other; {@code progress} is told of each group that is written. */
  public RowGroups(Connection target, Runnable progress) throws SQLException {
    this.writer = new GroupWriter(target);
    this.progress = progress;
  }

  /** Adds a row, and writes what has gathered when that is enough. */
  public void add(StoredActivation row, byte[] payload) throws SQLException {
    rows.add(row);
    payloads.put(row.key(), payload);
    bytes += payload.length;
    if (rows.size() >= GROUP_ROWS || bytes >= GROUP_BYTES) {
      positions(Map.of());
    }
  }

  /** Writes standing orders, by name. */
  void orders(Map<String, String> orders) throws SQLException {
    List<StandingOrder> all = new ArrayList<>();
    orders.forEach((name, text) -> all.add(new StandingOrder(name, text)));
    writer.begin(Durability.PROCESS_CRASH);
    writer.orders().write(all);
    writer.commit();
  }

  /** Writes what has gathered, together with these positions. */
  public void positions(Map<Partition, Long> positions) throws SQLException {
    writer.begin(Durability.PROCESS_CRASH);
    writer.write(new JournalGroup(new Changes(rows, List.of(), List.of(), positions), payloads));
    writer.commit();
    rows = new ArrayList<>();
    payloads = new HashMap<>();
    bytes = 0;
    progress.run();
  }

  /** Writes the rest. */
  @Override
  public void close() throws SQLException {
    positions(Map.of());
  }
}
