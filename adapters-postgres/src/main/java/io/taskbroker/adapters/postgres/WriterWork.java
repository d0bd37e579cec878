package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.GroupWriting.Written;
import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What the store's writer does over its session. Used by one thread at a time. */
final class WriterWork {
  private static final String READ_PAYLOADS = "read payloads";

  private static final String LOAD =
      "SELECT %s FROM %s WHERE t.custody = ANY (?) ORDER BY t.key"
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  /** Rows that are held in memory at once while all are read. */
  private static final int FETCH = 5_000;

  /** Half of the time after which others may take this broker for dead. */
  private static final long BEAT_SECONDS = Silence.SECONDS / 2;

  private final Repetition repetition;
  private final Session session;
  private final Shared shared;
  private final Membership membership;
  private final Custodies custodies;
  private final LiveSize size;
  private final JournalEnd end;
  private final PostgresErrors errors;
  private final GroupWriting groups;
  private final PayloadCache fresh = new PayloadCache();

  WriterWork(Repetition repetition, Session session, Shared shared) {
    this.repetition = repetition;
    this.session = session;
    this.shared = shared;
    this.membership = shared.membership();
    this.custodies = shared.custodies();
    this.size = shared.size();
    this.end = shared.end();
    this.errors = new PostgresErrors(shared.place());
    this.groups = new GroupWriting(session);
  }

  // ---------------------------------------------------------------- groups

  /** As {@link io.taskbroker.inflight.Journal#apply}. */
  void apply(JournalGroup group, Durability durability) {
    for (long repeated = 0; ; repeated++) {
      Phase phase = Phase.WRITE;
      try {
        Fence fence = fence(group, durability);
        GroupRequest request = new GroupRequest(group, fence, custodies, shared.clock());
        Written written = groups.send(request);
        refuse(group, written);
        long givenUp = sizeOf(group.givenUp());
        phase = Phase.COMMIT;
        session.get().commit();
        applied(group, request, written, givenUp);
        if (repeated > 0) {
          tell(JournalEvent.Remedy.WRITTEN);
        }
        return;
      } catch (SQLException e) {
        JournalException failure = failed("write a group of changes", e, phase);
        boolean helps = SqlStates.isPassing(e) && repeated < repetition.most();
        if (SqlStates.isPassing(e)) {
          tell(helps ? JournalEvent.Remedy.REPEATED : JournalEvent.Remedy.GIVEN_UP);
        }
        if (!helps || !Pauses.rest(repetition.delay())) {
          throw failure;
        }
      } catch (JournalException e) {
        throw e; // nothing is open
      } catch (RuntimeException e) {
        session.giveUp(); // or else the next commit would take along what is half written
        throw e;
      }
    }
  }

  private void tell(JournalEvent.Remedy remedy) {
    shared.metrics().count(new JournalEvent.BrokenOff(remedy));
  }

  /** A group without a number leaves the number as it is. */
  private Fence fence(JournalGroup group, Durability durability) {
    long last = membership.lastAcknowledged();
    boolean isNumbered = group.number() != 0;
    return new Fence(
        membership.number(),
        isNumbered ? group.number() : last,
        isNumbered ? group.number() - 1 : last,
        switch (durability) {
          case PROCESS_CRASH -> Membership.NOT_SYNCED;
          case POWER_CUT -> membership.synced();
        });
  }

  private void refuse(JournalGroup group, Written written) throws SQLException {
    if (written.isFenced()) {
      session.get().rollback();
      JournalException refusal = membership.refusal(session.get(), group.number());
      session.get().rollback();
      if (refusal instanceof JournalException.Outdated) {
        forget();
      }
      throw end.after(refusal);
    }
    if (!written.duplicates().isEmpty()) {
      session.get().rollback();
      throw new JournalException.Duplicates(
          "%d rows have ids that rows of other partitions have"
              .formatted(written.duplicates().size()),
          new SQLException("the id is there", SqlStates.UNIQUE_VIOLATION),
          written.duplicates());
    }
  }

  private void applied(
      JournalGroup group, GroupRequest request, Written written, long givenUpBytes) {
    if (group.number() != 0) {
      membership.acknowledged(group.number());
    }
    request.withoutPayload().forEach(fresh::remove);
    long payloadBytes = 0;
    for (GroupRequest.Payload payload : request.payloads()) {
      fresh.put(payload.key(), payload.bytes());
      payloadBytes += payload.bytes().length;
    }
    size.add(
        request.inserted().size() - written.rowsGone(),
        payloadBytes - written.payloadBytesGone() - givenUpBytes);
    custodies.haveNoLonger(group.givenUp());
    if (!group.settledReports().isEmpty()) {
      shared.metrics().count(new JournalEvent.ReportsTaken(group.settledReports().size()));
    }
  }

  /** What this broker counts for these partitions, in bytes. */
  private long sizeOf(Collection<Partition> partitions) throws SQLException {
    Integer[] numbers =
        partitions.stream().map(custodies::find).filter(no -> no != null).toArray(Integer[]::new);
    if (numbers.length == 0) {
      return 0;
    }
    PreparedStatement select =
        session.prepared(
            """
            SELECT count(*) * %d + coalesce(sum(payload_bytes) FILTER (WHERE status <> %d), 0)
              FROM taskbroker_task WHERE custody = ANY (?)\
            """
                .formatted(LiveSize.ROW_BYTES, Progress.COMPLETE));
    select.setArray(1, session.get().createArrayOf("int4", numbers));
    return number(select);
  }

  /** As {@link io.taskbroker.inflight.Journal#lastGroup}. */
  long lastGroup() {
    return run(
        "read the number of the last group",
        connection -> {
          long acknowledged = membership.lastAcknowledged();
          long last = membership.lastGroup(connection);
          if (last < acknowledged) {
            forget();
          }
          return last;
        });
  }

  /** As {@link io.taskbroker.inflight.Custody#reserveKeys}. */
  long reserveKeys(int count) {
    return run(
        "reserve keys",
        connection -> {
          PreparedStatement reserve =
              session.prepared(
                  """
                  UPDATE taskbroker_meta
                     SET last_key =
                         greatest(last_key, (SELECT max(key) FROM taskbroker_task)) + ?
                  RETURNING last_key, set_config('synchronous_commit', ?, true)\
                  """);
          reserve.setInt(1, count);
          reserve.setString(2, membership.synced());
          return number(reserve) - count + 1;
        });
  }

  // ---------------------------------------------------------------- of a journal that is not
  // shared

  /** Finds out what this broker has, after it has taken everything. */
  void findAll() {
    change(
        "read which partitions there are",
        connection -> {
          custodies.haveNone();
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery("SELECT topic, partition, no FROM taskbroker_custody")) {
            while (row.next()) {
              custodies.have(partition(row), row.getInt(3));
            }
          }
        });
  }

  static Partition partition(ResultSet row) throws SQLException {
    String topic = StorableText.decode(row.getString(1));
    return new Partition(topic == null ? "" : topic, row.getInt(2));
  }

  /** Takes those partitions of a group that nobody has heard of. */
  void enterPartitions(JournalGroup group) {
    Set<Partition> unknown = new LinkedHashSet<>(group.changes().positions().keySet());
    group.changes().inserted().forEach(row -> unknown.add(row.activation().partition()));
    unknown.removeIf(partition -> custodies.find(partition) != null);
    if (unknown.isEmpty()) {
      return;
    }
    change(
        "enter partitions",
        connection -> {
          PreparedStatement insert =
              session.prepared(
                  """
                  INSERT INTO taskbroker_custody (topic, partition, broker) VALUES (?, ?, ?)
                  ON CONFLICT (topic, partition) DO UPDATE SET broker = excluded.broker
                  RETURNING no\
                  """);
          for (Partition partition : unknown) {
            insert.setString(1, StorableText.encode(partition.topic()));
            insert.setInt(2, partition.number());
            insert.setLong(3, membership.number());
            custodies.have(partition, (int) number(insert));
          }
        });
  }

  /** Says that this broker lives, where nobody else does. */
  void beat() {
    change(
        "say that this broker lives",
        connection -> {
          PreparedStatement beat =
              session.prepared(
                  """
                  UPDATE taskbroker_heartbeat SET beat_at = clock_timestamp()
                   WHERE broker = ? AND beat_at < clock_timestamp() - interval '%d seconds'\
                  """
                      .formatted(BEAT_SECONDS));
          beat.setLong(1, membership.number());
          beat.executeUpdate();
        });
  }

  /** As {@link io.taskbroker.inflight.Journal#lastKey}. */
  long lastKey() {
    return run(
        "read the last key",
        connection -> number(session.prepared("SELECT last_key FROM taskbroker_meta")));
  }

  /** As {@link io.taskbroker.inflight.Journal#load}. */
  void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    TaskReading reading = new TaskReading(shared.clock());
    change(
        "read the stored activations",
        connection -> {
          positions.accept(positions(connection));
          size.clear();
          connection.setAutoCommit(false); // or else all rows come at once
          try (PreparedStatement select = connection.prepareStatement(LOAD)) {
            select.setFetchSize(FETCH);
            select.setArray(1, connection.createArrayOf("int4", custodies.numbers()));
            reading.read(
                select,
                read -> {
                  size.add(1, LiveSize.payloadOf(read));
                  row.accept(read);
                });
          }
          connection.commit();
        });
    reading.say(shared.place());
  }

  private Map<Partition, Long> positions(Connection connection) throws SQLException {
    Map<Partition, Long> positions = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT topic, partition, acknowledged FROM taskbroker_custody
                 WHERE acknowledged IS NOT NULL AND broker = %d\
                """
                    .formatted(membership.number()))) {
      while (row.next()) {
        positions.put(partition(row), row.getLong(3));
      }
    }
    return positions;
  }

  // ---------------------------------------------------------------- orders and payloads

  /** As {@link io.taskbroker.inflight.Journal#orders}. */
  Map<String, String> orders() {
    return run(
        "read the standing orders",
        connection -> {
          Map<String, String> orders = new TreeMap<>();
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery("SELECT name, text FROM taskbroker_standing_order")) {
            while (row.next()) {
              orders.put(
                  String.valueOf(StorableText.decode(row.getString(1))),
                  String.valueOf(StorableText.decode(row.getString(2))));
            }
          }
          return orders;
        });
  }

  /** As {@link io.taskbroker.inflight.Journal#payloads}. */
  Map<Long, byte[]> payloads(Collection<Long> keys) {
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    List<Long> stored = new ArrayList<>(0);
    for (long key : keys) {
      byte[] payload = fresh.get(key);
      if (payload == null) {
        stored.add(key);
      } else {
        payloads.put(key, payload);
      }
    }
    if (!stored.isEmpty()) {
      readPayloads(stored, payloads);
    }
    if (payloads.size() < keys.size()) {
      // The new owner of a row may have removed its payload.
      change("see whether this broker is deposed", membership::refuseIfDeposed);
    }
    return payloads;
  }

  /** So that what is wrong with one payload keeps nobody from the others. */
  private void readPayloads(List<Long> keys, Map<Long, byte[]> payloads) {
    try {
      payloads.putAll(stored(keys));
      return;
    } catch (JournalException.NothingChanged e) {
      if (!PostgresErrors.isAboutRows(e)) {
        throw e;
      }
    }
    Map<Long, String> unreadable = new HashMap<>();
    JournalException last = null;
    for (long key : keys) {
      try {
        payloads.putAll(stored(List.of(key)));
      } catch (JournalException.NothingChanged e) {
        if (!PostgresErrors.isAboutRows(e)) {
          throw e;
        }
        last = e;
        unreadable.put(key, String.valueOf(e.getMessage()));
      }
    }
    if (last != null) {
      throw new JournalException.Unreadable(String.valueOf(last.getMessage()), last, unreadable);
    }
  }

  private Map<Long, byte[]> stored(List<Long> keys) {
    return run(
        READ_PAYLOADS,
        connection -> {
          Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
          PreparedStatement select =
              session.prepared("SELECT key, bytes FROM taskbroker_payload WHERE key = ANY (?)");
          select.setArray(1, connection.createArrayOf("int8", keys.toArray(Long[]::new)));
          try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
              payloads.put(row.getLong(1), row.getBytes(2));
            }
          }
          return payloads;
        });
  }

  /** The rows that this broker had are not its own any more, or are to be read anew. */
  void forget() {
    fresh.clear();
    size.clear();
    custodies.haveNone();
  }

  // ---------------------------------------------------------------- over the session

  /** Something that is done outside of a group. */
  @FunctionalInterface
  private interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Something that gives nothing. */
  @FunctionalInterface
  private interface Change {
    void run(Connection connection) throws SQLException;
  }

  private void change(String action, Change change) {
    boolean _ =
        run(
            action,
            connection -> {
              change.run(connection);
              return true;
            });
  }

  private <T> T run(String action, Work<T> work) {
    try {
      Connection connection = session.get();
      connection.setAutoCommit(true);
      return work.run(connection);
    } catch (SQLException e) {
      throw failed(action, e, Phase.READ);
    } catch (JournalException.Final e) {
      throw end.after(e);
    } catch (RuntimeException e) {
      session.giveUp(); // nobody knows how far it came
      throw e;
    }
  }

  private static long number(PreparedStatement select) throws SQLException {
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** What a failure over the session means. What was begun is rolled back. */
  private JournalException failed(String action, SQLException e, Phase phase) {
    if (!session.rolledBack(e)) {
      session.giveUp();
    }
    return end.after(errors.translate(action, e, phase));
  }
}
