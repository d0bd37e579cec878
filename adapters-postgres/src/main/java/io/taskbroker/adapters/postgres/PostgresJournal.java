package io.taskbroker.adapters.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
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

  private final PostgresSettings settings;
  private final Membership membership;
  private final boolean alone;
  private final Custodies custodies = new Custodies();
  private final ServerClock clock;
  private final LiveSize size = new LiveSize();
  private final JournalEnd end;
  private final Session writer;
  private final Syncing syncing;
  private final HikariDataSource readers;
  private final Lock writing = new ReentrantLock();
  private final WriterWork work;

  private PostgresJournal(
      PostgresSettings settings,
      TimeSource time,
      Connections connections,
      Membership membership,
      ServerClock clock,
      boolean alone) {
    this.settings = settings;
    this.membership = membership;
    this.alone = alone;
    this.clock = clock;
    this.end = new JournalEnd(settings.place());
    this.writer = new Session("writer", connections::open, time);
    this.syncing = new Syncing(connections, membership, end, time);
    this.readers = connections.openReaders();
    this.work = new WriterWork(settings, writer, membership, custodies, clock, size, end);
  }

  /**
   * Opens the database for this process alone, as a file is opened: all that is stored is its own.
   *
   * @param name of this process, for people
   * @throws UnusableDatabaseException if a broker has the database, or it cannot be used
   */
  public static PostgresJournal openAlone(PostgresSettings settings, String name, TimeSource time) {
    PostgresJournal journal = open(settings, name, time, true);
    try {
      journal.work.findAll();
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
    return journal;
  }

  private static PostgresJournal open(
      PostgresSettings settings, String name, TimeSource time, boolean alone) {
    if (settings.runMigrations()) {
      new Migrations(settings, time, LOG::info).run();
    }
    Connections connections = new Connections(settings, name);
    Membership membership = new Membership(name, settings.place());
    ServerClock clock = new ServerClock();
    try (Connection connection =
        new PatientStart(settings.place(), time).await(connections::open)) {
      SchemaCheck.run(connection, settings.place());
      ClockMeasuring.measure(connection, clock, time);
      connection.setAutoCommit(false);
      membership.enter(connection);
      if (alone) {
        membership.takeAll(connection);
      }
      connection.commit();
    } catch (SQLException e) {
      throw new UnusableDatabaseException(
          "%s cannot be used: %s".formatted(settings.place(), e.getMessage()), e);
    }
    return new PostgresJournal(settings, time, connections, membership, clock, alone);
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
      end.refuse();
      work.load(positions, row);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Map<String, String> orders() {
    writing.lock();
    try {
      end.refuse();
      return work.orders();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    writing.lock();
    try {
      end.refuse();
      if (alone) {
        work.enterPartitions(group);
        work.beat();
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
      end.refuse();
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
      end.refuse();
      return work.lastKey();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    writing.lock();
    try {
      end.refuse();
      return work.payloads(keys);
    } finally {
      writing.unlock();
    }
  }

  /** Postgres finds space that is free by itself. */
  @Override
  public boolean reclaim() {
    return false;
  }

  // ---------------------------------------------------------------- beside the writer

  @Override
  public void sync() {
    syncing.sync();
  }

  /** Reads something over a connection of the pool. */
  @FunctionalInterface
  private interface Reading<T> {
    T read(Connection connection) throws SQLException;
  }

  private <T> T read(String action, Reading<T> reading) {
    end.refuse();
    try (Connection connection = readers.getConnection()) {
      return reading.read(connection);
    } catch (SQLException e) {
      throw end.after(new PostgresErrors(settings.place()).translate(action, e, Phase.READ));
    }
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return read(
        "list tasks",
        connection ->
            new TaskPages(connection, custodies.numbers(), clock).page(filter, after, limit));
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return read(
        "list tasks",
        connection -> new TaskPages(connection, custodies.numbers(), clock).parked(after, limit));
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    try {
      return read(
          "read payloads",
          connection -> {
            try (PreparedStatement select =
                connection.prepareStatement("SELECT bytes FROM taskbroker_payload WHERE key = ?")) {
              select.setLong(1, key);
              try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
              }
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
    return "Postgres, " + settings.place();
  }

  @Override
  public StoreSize size() {
    return new StoreSize(size.all(), 0);
  }

  @Override
  public void close() {
    if (!end.close()) {
      return;
    }
    readers.close();
    syncing.close();
    writing.lock();
    try {
      membership.leave(writer.get(), alone);
    } catch (SQLException | RuntimeException e) {
      LOG.warn(
          "Broker {} could not sign off from {}; others find out within {} s",
          membership.number(),
          settings.place(),
          Silence.SECONDS,
          e);
    } finally {
      writer.close();
      writing.unlock();
    }
  }
}
