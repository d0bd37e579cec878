package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.KeyReserve;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows that brokers of the reference have written into their table: moves those of this broker's
 * partitions into ours, a piece at a time and of each partition in turn. Used by the thread that
 * takes partitions, which does all its other work between two pieces.
 */
final class MovedRows {
  private static final String RANGE =
      "SELECT %s FROM %s WHERE t.custody = ? AND t.key + 0 BETWEEN ? AND ? ORDER BY t.key + 0"
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final PostgresSettings settings;
  private final Shared shared;
  private final Membership membership;
  private final Custodies custodies;
  private final PooledWork pool;
  private final Deposition deposition;
  private final KeyReserve keys;
  private final MoveProgress progress;

  /** Where rows are left, the partition whose turn is next first, and about how many. */
  private final Map<Partition, Long> left = new LinkedHashMap<>();

  /** When partitions are looked at again that have had none. */
  private Moment nextLook;

  /** By the last look. */
  private Set<Partition> seen = Set.of();

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
    this.progress = new MoveProgress(shared.time());
    this.nextLook = shared.time().now();
  }

  /** These partitions are taken now: what has arrived of them is read with all their other rows. */
  void areTaken(Collection<Partition> partitions) {
    if (arriving != null && partitions.contains(arriving.partition())) {
      awaitLastMove();
      arriving = null;
    }
  }

  /** As {@link io.taskbroker.inflight.Custody#late}: moves one piece of one partition. */
  List<StoredActivation> late(Collection<Partition> partitions) {
    Arriving open = arriving;
    if (open != null) { // its answer was lost, and what is left is not known
      awaitLastMove();
      left.clear();
      return arrived(open, partitions);
    }
    look(partitions);
    int moved = 0;
    List<StoredActivation> rows = List.of();
    while (moved == 0 && !left.isEmpty()) {
      open =
          new Arriving(left.keySet().iterator().next(), keys.reserveKeys(ReferenceTable.AT_ONCE));
      arriving = open;
      moved = move(open);
      isMoved(open.partition(), moved);
      rows = arrived(open, partitions);
    }
    progress.moved(moved, left);
    return rows;
  }

  /** Finds out what is left, where that is not known. */
  private void look(Collection<Partition> partitions) {
    left.keySet().retainAll(partitions);
    Moment now = shared.time().now();
    if (!left.isEmpty() && seen.containsAll(partitions) && now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plus(BETWEEN_LOOKS);
    seen = Ordered.copyOf(partitions);
    Integer[] numbers =
        partitions.stream()
            .filter(partition -> !left.containsKey(partition))
            .map(custodies::find)
            .filter(no -> no != null)
            .toArray(Integer[]::new);
    Map<Partition, Long> found =
        numbers.length == 0 || !isReferenceThere()
            ? Map.of()
            : pool.read(
                "look for another broker's rows",
                connection -> ReferenceTable.count(connection, numbers));
    left.putAll(found);
    progress.found(found, left);
  }

  private boolean isReferenceThere() {
    return shared.reference().isThere()
        && pool.read("look for another broker's table", ReferenceTable::isThere);
  }

  private int move(Arriving piece) {
    return pool.change(
        "move another broker's rows",
        connection -> {
          deposition.fence(connection);
          return ReferenceTable.moveSome(
              connection, piece.partition(), custodies.number(piece.partition()), piece.firstKey());
        });
  }

  /** The next turn is another partition's. */
  private void isMoved(Partition partition, int rows) {
    Long before = left.remove(partition);
    if (before != null && rows == ReferenceTable.AT_ONCE) {
      left.put(partition, Math.max(0, before - rows));
    }
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

  /** Reads what has arrived, unless its partition is not among these any more. */
  private List<StoredActivation> arrived(Arriving piece, Collection<Partition> partitions) {
    List<StoredActivation> rows =
        partitions.contains(piece.partition()) ? readRange(piece) : List.of();
    arriving = null;
    return rows;
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
