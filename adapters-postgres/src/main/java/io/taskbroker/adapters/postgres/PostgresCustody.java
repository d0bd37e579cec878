package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody;
import io.taskbroker.inflight.KeyReserve;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who owns which partitions, in the table {@code taskbroker_custody}. */
final class PostgresCustody implements Custody, KeyReserve, AutoCloseable {
  private static final List<Column<Partition, ?>> PARTITIONS =
      List.of(
          Column.ofText("topic", Partition::topic), Column.ofInt("partition", Partition::number));

  private static final String ASKED =
      "JOIN %s ON u.topic = c.topic AND u.partition = c.partition"
          .formatted(Column.unnest(PARTITIONS));

  private static final String OF_NOBODY_ALIVE =
      """
      (c.broker IS NULL
       OR NOT EXISTS (SELECT 1 FROM taskbroker_broker b WHERE b.no = c.broker AND NOT b.fenced))\
      """;

  /** Whoever has ended since wants nothing. */
  static final String WANTED =
      """
      SELECT c.topic, c.partition FROM taskbroker_custody c
       WHERE c.broker = ? AND c.wanted_by <> c.broker
         AND EXISTS (SELECT 1 FROM taskbroker_broker b WHERE b.no = c.wanted_by AND NOT b.fenced)\
      """;

  private static final String KEPT =
      """
      SELECT c.topic, c.partition, b.no, b.name,
             (extract(epoch FROM clock_timestamp() - coalesce(h.beat_at, b.opened_at)) * 1000)::int8
        FROM taskbroker_custody c %s
        JOIN taskbroker_broker b ON b.no = c.broker
        LEFT JOIN taskbroker_heartbeat h ON h.broker = b.no
       WHERE c.broker <> ?\
      """
          .formatted(ASKED);

  private static final String PAGE =
      "SELECT %s FROM %s WHERE t.custody = ? AND t.key + 0 > ? ORDER BY t.key + 0 LIMIT ?"
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  private final Membership membership;
  private final Custodies custodies;
  private final ServerClock clock;
  private final LiveSize size;
  private final PooledWork pool;
  private final Beating beating;
  private final Deposition deposition;
  private final MovedRows moved;
  private final KeyReserve keys;
  private final PostgresSettings settings;

  /**
   * @param keys reserves keys, on the writer's session
   */
  PostgresCustody(
      PostgresSettings settings,
      Connections connections,
      Shared shared,
      PooledWork pool,
      KeyReserve keys) {
    this.settings = settings;
    this.membership = shared.membership();
    this.custodies = shared.custodies();
    this.clock = shared.clock();
    this.size = shared.size();
    this.pool = pool;
    this.keys = keys;
    this.beating = new Beating(connections, shared);
    this.deposition = new Deposition(membership, pool);
    this.moved = new MovedRows(settings, shared, pool, deposition, keys);
  }

  @Override
  public Duration orphanedAfter() {
    return settings.orphanAge();
  }

  @Override
  public Beat beat(Set<String> topics) {
    return beating.beat(topics);
  }

  // ---------------------------------------------------------------- taking

  @Override
  public List<Held> take(Collection<Partition> partitions) {
    if (partitions.isEmpty()) {
      return List.of();
    }
    List<Partition> asked = List.copyOf(new LinkedHashSet<>(partitions));
    moved.areTaken(asked);
    List<Held> held = new ArrayList<>();
    if (pool.read("look for partitions", connection -> isNothingNew(connection, asked, held))) {
      return held;
    }
    held.clear();
    return pool.change("take partitions", connection -> take(connection, asked));
  }

  @Override
  public List<StoredActivation> late(Collection<Partition> partitions) {
    return moved.late(partitions);
  }

  /**
   * Whether each of these has an owner that lives: this broker, or another.
   *
   * @param held is given those that are this broker's
   */
  private boolean isNothingNew(Connection connection, List<Partition> asked, List<Held> held)
      throws SQLException {
    long me = membership.number();
    boolean[] changes = new boolean[1];
    int[] seen = new int[1];
    new Request()
        .add(
            "SELECT NOT fenced FROM taskbroker_broker WHERE no = ?",
            (statement, at) -> number(statement, at, me),
            deposition::refuseIfFenced)
        .add(
            """
            SELECT c.topic, c.partition, c.no, c.acknowledged,
                   c.broker = ?,
                   %s
              FROM taskbroker_custody c %s\
            """
                .formatted(OF_NOBODY_ALIVE, ASKED),
            (statement, at) -> {
              statement.setLong(at, me);
              return bind(statement, at + 1, asked);
            },
            row -> {
              while (row.next()) {
                seen[0]++;
                changes[0] |= row.getBoolean(6);
                if (row.getBoolean(5)) {
                  held.add(held(row));
                }
              }
            })
        .run(connection);
    return !changes[0] && seen[0] == asked.size();
  }

  private List<Held> take(Connection connection, List<Partition> asked) throws SQLException {
    long me = membership.number();
    List<Held> held = new ArrayList<>();
    Request.Values askedAlone = (statement, at) -> bind(statement, at, asked);
    Request.Values meAndAsked =
        (statement, at) -> bind(statement, number(statement, at, me), asked);
    new Request()
        .add(
            """
            SELECT set_config('synchronous_commit', ?, true) IS NOT NULL
              FROM taskbroker_broker WHERE no = ? AND NOT fenced FOR SHARE\
            """,
            (statement, at) -> {
              statement.setString(at, membership.synced());
              return number(statement, at + 1, me);
            },
            deposition::refuseIfFenced)
        .add(
            """
            INSERT INTO taskbroker_custody (topic, partition, broker)
            SELECT u.topic, u.partition, ? FROM %s ORDER BY 1, 2
            ON CONFLICT (topic, partition) DO NOTHING\
            """
                .formatted(Column.unnest(PARTITIONS)),
            meAndAsked)
        // In one order everywhere, so that two brokers never wait for each other.
        .add(
            "SELECT 1 FROM taskbroker_custody c %s ORDER BY c.no FOR UPDATE OF c".formatted(ASKED),
            askedAlone)
        .add(
            """
            UPDATE taskbroker_custody c
               SET broker = ?, free_since = NULL, wanted_by = nullif(wanted_by, ?)
              FROM %s
             WHERE u.topic = c.topic AND u.partition = c.partition AND %s\
            """
                .formatted(Column.unnest(PARTITIONS), OF_NOBODY_ALIVE),
            (statement, at) ->
                bind(statement, number(statement, number(statement, at, me), me), asked))
        .add(
            """
            SELECT c.topic, c.partition, c.no, c.acknowledged
              FROM taskbroker_custody c %s WHERE c.broker = ?\
            """
                .formatted(ASKED),
            (statement, at) -> number(statement, bind(statement, at, asked), me),
            row -> {
              while (row.next()) {
                held.add(held(row));
              }
            })
        .run(connection);
    return held;
  }

  private Held held(ResultSet row) throws SQLException {
    Partition partition = Custodies.partition(row);
    custodies.have(partition, row.getInt(3));
    return new Held(partition, TaskColumns.nullableLong(row, 4));
  }

  private static int bind(PreparedStatement statement, int at, List<Partition> partitions)
      throws SQLException {
    return Column.bindAll(PARTITIONS, statement, at, partitions);
  }

  private static int number(PreparedStatement statement, int at, long number) throws SQLException {
    statement.setLong(at, number);
    return at + 1;
  }

  @Override
  public List<Kept> ask(Collection<Partition> partitions) {
    List<Partition> asked = List.copyOf(partitions);
    long me = membership.number();
    return pool.read(
        "ask for partitions",
        connection -> {
          List<Kept> kept = new ArrayList<>();
          new Request()
              .add(
                  """
                  UPDATE taskbroker_custody c SET wanted_by = ?
                    FROM %s
                   WHERE u.topic = c.topic AND u.partition = c.partition
                     AND c.broker <> ? AND c.wanted_by IS DISTINCT FROM ?
                     AND EXISTS (SELECT 1 FROM taskbroker_broker b
                                  WHERE b.no = ? AND NOT b.fenced)\
                  """
                      .formatted(Column.unnest(PARTITIONS)),
                  (statement, at) -> {
                    int next = bind(statement, number(statement, at, me), asked);
                    next = number(statement, number(statement, next, me), me);
                    return number(statement, next, me);
                  })
              .add(
                  "SELECT NOT fenced FROM taskbroker_broker WHERE no = ?",
                  (statement, at) -> number(statement, at, me),
                  deposition::refuseIfFenced)
              .add(
                  KEPT,
                  (statement, at) -> number(statement, bind(statement, at, asked), me),
                  rows -> readKept(rows, kept))
              .run(connection);
          return kept;
        });
  }

  private static void readKept(ResultSet rows, List<Kept> kept) throws SQLException {
    while (rows.next()) {
      kept.add(
          new Kept(
              Custodies.partition(rows),
              "%d (%s)".formatted(rows.getLong(3), StorableText.decode(rows.getString(4))),
              Duration.ofMillis(Math.max(0, rows.getLong(5)))));
    }
  }

  @Override
  public void withdraw(Collection<Partition> partitions) {
    List<Partition> asked = List.copyOf(partitions);
    boolean _ =
        pool.read(
            "withdraw a wish for partitions",
            connection -> {
              new Request()
                  .add(
                      """
                      UPDATE taskbroker_custody c SET wanted_by = NULL
                        FROM %s
                       WHERE u.topic = c.topic AND u.partition = c.partition
                         AND c.wanted_by = ?\
                      """
                          .formatted(Column.unnest(PARTITIONS)),
                      (statement, at) ->
                          number(statement, bind(statement, at, asked), membership.number()))
                  .run(connection);
              return true;
            });
  }

  @Override
  public Set<Partition> wanted() {
    return pool.read(
        "see which partitions others want",
        connection -> {
          Set<Partition> wanted = new LinkedHashSet<>();
          new Request()
              .add(
                  WANTED,
                  (statement, at) -> number(statement, at, membership.number()),
                  rows -> readPartitions(rows, wanted))
              .run(connection);
          return wanted;
        });
  }

  static void readPartitions(ResultSet rows, Set<Partition> partitions) throws SQLException {
    while (rows.next()) {
      partitions.add(Custodies.partition(rows));
    }
  }

  @Override
  public boolean depose(long broker) {
    return deposition.depose(broker);
  }

  // ---------------------------------------------------------------- rows and keys

  @Override
  public List<StoredActivation> page(Partition partition, long after, int most) {
    List<StoredActivation> rows = new ArrayList<>();
    TaskReading reading = new TaskReading(clock);
    boolean _ =
        pool.read(
            "read a partition's rows",
            connection -> {
              long from = after;
              boolean mayHaveMore = true;
              while (mayHaveMore && rows.size() < most) {
                int wanted = most - rows.size();
                long before = reading.rows();
                try (PreparedStatement select = connection.prepareStatement(PAGE)) {
                  select.setInt(1, custodies.number(partition));
                  select.setLong(2, from);
                  select.setInt(3, wanted);
                  reading.read(select, rows::add);
                }
                from = reading.lastKey();
                mayHaveMore = reading.rows() - before == wanted;
              }
              return true;
            });
    rows.forEach(row -> size.add(1, LiveSize.payloadOf(row)));
    reading.say(settings.place());
    return rows;
  }

  @Override
  public long reserveKeys(int count) {
    return keys.reserveKeys(count);
  }

  @Override
  public void close() {
    beating.close();
  }
}
