package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.KeyReserve;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows that brokers of the reference have written into their table: moves those of this broker's
 * partitions into ours. Used by the thread that takes partitions.
 */
final class MovedRows {
  private static final String RANGE =
      "SELECT %s FROM %s WHERE t.custody = ? AND t.key + 0 BETWEEN ? AND ? ORDER BY t.key + 0"
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  private final PostgresSettings settings;
  private final Shared shared;
  private final Membership membership;
  private final Custodies custodies;
  private final PooledWork pool;
  private final Deposition deposition;
  private final KeyReserve keys;

  /** Rows on their way out of the reference's table; null if there are none. */
  private @Nullable Arriving arriving;

  /**
   * A partition whose rows are moved.
   *
   * @param firstKey of those that were reserved for them, and for nothing else
   */
  private record Arriving(Partition partition, long firstKey) {}

  MovedRows(
      PostgresSettings settings,
      Shared shared,
      PooledWork pool,
      Deposition deposition,
      KeyReserve keys) {
    this.settings = settings;
    this.shared = shared;
    this.membership = shared.membership();
    this.custodies = shared.custodies();
    this.pool = pool;
    this.deposition = deposition;
    this.keys = keys;
  }

  /** Moves the rows that the reference has left of a partition. */
  void takeOver(Partition partition) {
    if (!isReferenceThere()) {
      return;
    }
    boolean hasMore = true;
    while (hasMore) {
      hasMore = move(partition, keys.reserveKeys(ReferenceTable.AT_ONCE));
    }
  }

  /** These partitions are taken now: what has arrived of them is read with all their other rows. */
  void areTaken(Collection<Partition> partitions) {
    if (arriving != null && partitions.contains(arriving.partition())) {
      awaitLastMove();
      arriving = null;
    }
  }

  /** As {@link io.taskbroker.inflight.Custody#late}. */
  List<StoredActivation> late(Collection<Partition> partitions) {
    Arriving open = arriving;
    if (open == null) {
      Optional<Partition> found = findLate(partitions);
      if (found.isEmpty()) {
        return List.of();
      }
      open = new Arriving(found.get(), keys.reserveKeys(ReferenceTable.AT_ONCE));
      arriving = open;
      boolean _ = move(open.partition(), open.firstKey());
    } else {
      awaitLastMove();
    }
    List<StoredActivation> rows =
        partitions.contains(open.partition()) ? readRange(open) : List.of();
    arriving = null;
    return rows;
  }

  private Optional<Partition> findLate(Collection<Partition> partitions) {
    Integer[] mine =
        partitions.stream().map(custodies::find).filter(no -> no != null).toArray(Integer[]::new);
    return mine.length == 0 || !isReferenceThere()
        ? Optional.empty()
        : pool.read(
            "look for another broker's rows", connection -> ReferenceTable.find(connection, mine));
  }

  private boolean isReferenceThere() {
    return shared.reference().isThere()
        && pool.read("look for another broker's table", ReferenceTable::isThere);
  }

  private boolean move(Partition partition, long firstKey) {
    return pool.change(
        "move another broker's rows",
        connection -> {
          deposition.fence(connection);
          return ReferenceTable.moveSome(
              connection, partition, custodies.number(partition), firstKey);
        });
  }

  /** A move whose answer was lost holds this broker's row until it has ended. */
  private void awaitLastMove() {
    boolean _ =
        pool.change(
            "await the end of a move",
            connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL lock_timeout = '2s'");
                try (ResultSet row =
                    statement.executeQuery(
                        "SELECT NOT fenced FROM taskbroker_broker WHERE no = %d FOR UPDATE"
                            .formatted(membership.number()))) {
                  deposition.refuseIfFenced(row);
                }
              }
              return true;
            });
  }

  private List<StoredActivation> readRange(Arriving range) {
    List<StoredActivation> rows = new ArrayList<>();
    TaskReading reading = new TaskReading(shared.clock());
    boolean _ =
        pool.read(
            "read moved rows",
            connection -> {
              rows.clear();
              try (PreparedStatement select = connection.prepareStatement(RANGE)) {
                select.setInt(1, custodies.number(range.partition()));
                select.setLong(2, range.firstKey());
                select.setLong(3, range.firstKey() + ReferenceTable.AT_ONCE - 1);
                reading.read(select, rows::add);
              }
              return true;
            });
    rows.forEach(row -> shared.size().add(1, LiveSize.payloadOf(row)));
    reading.say(settings.place());
    return rows;
  }
}
