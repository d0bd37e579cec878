package io.taskbroker.adapters.postgres;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.Sharing;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in a Postgres database, which several brokers share: the rows of a partition are
 * those of the broker that has its custody.
 *
 * <p>The store's writer and its syncer have a session each, and so have beats. What is read beside
 * them comes over two more. None of them has a state that outlives a transaction.
 *
 * <p>After a failure of its session the writer's connection is given up, which rolls back whatever
 * it had begun, and a later call opens another.
 */
public final class PostgresJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Shared shared;
  private final boolean alone;
  private final Session writer;
  private final Syncing syncing;
  private final PooledWork pool;
  private final Lock writing = new ReentrantLock();
  private final WriterWork work;
  private final AloneWork aloneWork;
  private final PayloadReading payloads;
  private final PostgresCustody custody;
  private final PostgresElsewhere elsewhere;

  private PostgresJournal(
      PostgresSettings settings, Connections connections, Shared shared, boolean alone) {
    this.shared = shared;
    this.alone = alone;
    this.writer = new Session("writer", connections::open, shared);
    this.syncing = new Syncing(connections, shared);
    this.pool = new PooledWork(connections.openReaders(), shared.place(), shared.end());
    WriterSession session = new WriterSession(writer, shared);
    PayloadCache fresh = new PayloadCache();
    this.work = new WriterWork(settings.repetition(), session, shared, fresh);
    this.aloneWork = new AloneWork(session, shared);
    this.payloads = new PayloadReading(session, shared.membership(), fresh);
    this.custody = new PostgresCustody(settings, connections, shared, pool, this::reserveKeys);
    this.elsewhere = new PostgresElsewhere(shared, pool);
  }

  /**
   * Opens the database for one broker of several. It has nothing until it takes custodies.
   *
   * @param name of this broker, for people
   * @throws UnusableDatabaseException if the database cannot be used, or is not there within half a
   *     minute
   */
  public static PostgresJournal open(PostgresSettings settings, String name, TimeSource time) {
    return open(settings, name, time, EventSink.none());
  }

  /** As the other, with somebody who counts what happens. */
  public static PostgresJournal open(
      PostgresSettings settings, String name, TimeSource time, EventSink<JournalEvent> metrics) {
    return open(settings, name, time, EventSink.careful("the journal", metrics, time), false);
  }

  /**
   * Opens the database for this process alone, as a file is opened: all that is stored is its own.
   *
   * @param name of this process, for people
   * @throws UnusableDatabaseException if a broker has the database, or it cannot be used
   */
  public static PostgresJournal openAlone(PostgresSettings settings, String name, TimeSource time) {
    PostgresJournal journal = open(settings, name, time, EventSink.none(), true);
    try {
      journal.aloneWork.findAll();
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
    return journal;
  }

  private static PostgresJournal open(
      PostgresSettings settings,
      String name,
      TimeSource time,
      EventSink<JournalEvent> metrics,
      boolean alone) {
    if (settings.runMigrations()) {
      new Migrations(settings, time, LOG::info).run();
    }
    Connections connections = new Connections(settings, name);
    Membership membership = new Membership(name, settings.place());
    ServerClock clock = new ServerClock();
    ReferencePresence reference = new ReferencePresence();
    try (Connection connection =
        new PatientStart(settings.place(), time).await(connections::open)) {
      connections.refuseSeveralPrimaries(settings.workerLogin());
      ServerSight sight = SchemaCheck.run(connection, settings.place());
      ClockMeasuring.measure(connection, clock, time);
      reference.look(connection);
      connection.setAutoCommit(false);
      membership.enter(connection);
      if (alone) {
        membership.takeAll(connection);
      }
      connection.commit();
      LOG.info(
          "Tasks are kept in {} (Postgres {}); this broker is number {} there",
          settings.server(),
          sight.version(),
          membership.number());
    } catch (SQLException e) {
      throw new UnusableDatabaseException(
          "%s cannot be used: %s".formatted(settings.place(), PostgresErrors.wordsAtStart(e)), e);
    }
    Shared shared =
        new Shared(
            settings.place(),
            membership,
            new Custodies(),
            clock,
            new LiveSize(),
            reference,
            new JournalEnd(settings.place()),
            time,
            metrics);
    return new PostgresJournal(settings, connections, shared, alone);
  }

  // ---------------------------------------------------------------- the writer's calls

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    if (!alone) {
      positions.accept(Map.of());
      return;
    }
    writing.lock();
    try {
      shared.end().refuse();
      aloneWork.load(positions, row);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Map<String, String> orders() {
    writing.lock();
    try {
      shared.end().refuse();
      return work.orders();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    writing.lock();
    try {
      shared.end().refuse();
      if (alone) {
        aloneWork.enterPartitions(group);
        aloneWork.beat();
      }
      work.apply(group, durability);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public long lastGroup() {
    writing.lock();
    try {
      shared.end().refuse();
      return work.lastGroup();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public long lastKey() {
    if (!alone) {
      return 0;
    }
    writing.lock();
    try {
      shared.end().refuse();
      return aloneWork.lastKey();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    writing.lock();
    try {
      shared.end().refuse();
      return payloads.read(keys);
    } finally {
      writing.unlock();
    }
  }

  /** Postgres finds space that is free by itself. */
  @Override
  public boolean reclaim() {
    return false;
  }

  private long reserveKeys(int count) {
    writing.lock();
    try {
      shared.end().refuse();
      return work.reserveKeys(count);
    } finally {
      writing.unlock();
    }
  }

  // ---------------------------------------------------------------- beside the writer

  @Override
  public Optional<Sharing> sharing() {
    return alone ? Optional.empty() : Optional.of(new Sharing(custody(), custody(), elsewhere()));
  }

  PostgresCustody custody() {
    return custody;
  }

  PostgresElsewhere elsewhere() {
    return elsewhere;
  }

  @Override
  public void sync() {
    syncing.sync();
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return pool.read("list tasks", connection -> pages(connection).page(filter, after, limit));
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return pool.read("list tasks", connection -> pages(connection).parked(after, limit));
  }

  private TaskPages pages(Connection connection) {
    return new TaskPages(connection, shared.custodies().numbers(), shared.clock());
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    try {
      return pool.read(
          "read payloads",
          connection -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    ByIndex.sql("SELECT bytes FROM taskbroker_payload WHERE key = ?"))) {
              select.setLong(1, key);
              try (ResultSet row = ByIndex.rows(select)) {
                if (row.next()) {
                  return Optional.of(row.getBytes(1));
                }
              }
              shared.membership().refuseIfDeposed(connection);
              return Optional.empty();
            }
          });
    } catch (JournalException.NothingChanged e) {
      if (PostgresErrors.isAboutRows(e)) {
        String reason = String.valueOf(e.getMessage());
        throw new JournalException.Unreadable(reason, e, Map.of(key, reason));
      }
      throw e;
    }
  }

  @Override
  public String place() {
    return "Postgres, " + shared.place();
  }

  @Override
  public StoreSize size() {
    return new StoreSize(shared.size().all(), 0);
  }

  @Override
  public void close() {
    if (!shared.end().close()) {
      return;
    }
    pool.close();
    custody.close();
    syncing.close();
    writing.lock();
    try {
      shared.membership().leave(writer.get(), alone);
    } catch (SQLException | RuntimeException e) {
      LOG.warn(
          "Broker {} could not sign off from {}; others find out within {} s",
          shared.membership().number(),
          shared.place(),
          Silence.SECONDS,
          e);
    } finally {
      writer.close();
      writing.unlock();
    }
  }
}
