package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
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
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in one SQLite file.
 *
 * <p>SQLite allows one writer, and a statement holds its thread in native code. So the store's
 * writer, a platform thread, has a connection of its own; checkpoints run on another thread with
 * another connection; and large payloads are read through a pool of read-only ones.
 *
 * <p>After a failure the writer's connection is given up, which rolls back whatever it had begun,
 * and the next call opens another.
 */
public final class SqliteJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Copying a log that a reader has let grow to gigabytes takes its time. */
  private static final Duration LONGEST_CHECKPOINT = Duration.ofMinutes(1);

  private final Path file;
  private final SqliteSettings settings;
  private final SqliteErrors errors;
  private final FileGuard guard;
  private final WriterSlot slot;
  private final PayloadPool readers;
  private final Checkpoints checkpoints;
  private final LogSync logSync;
  private final DatabaseSync databaseSync;
  private final Heartbeat heartbeat;
  private final TimeSource time;
  private final EventSink<JournalEvent> metrics;

  private final FileTraffic traffic = new FileTraffic();
  private final FileKeeper keeper;
  private final JournalFailures failures;
  private final GroupWriting groups;
  private final PayloadReading payloads;

  private SqliteJournal(
      Path file,
      SqliteSettings settings,
      TimeSource time,
      EventSink<JournalEvent> metrics,
      FileGuard guard,
      Connections connections)
      throws SQLException, IOException {
    this.file = file;
    this.settings = settings;
    this.time = time;
    this.metrics = EventSink.careful("the journal", metrics, time);
    this.guard = guard;
    this.errors = new SqliteErrors(file);
    this.heartbeat = new Heartbeat("sqlite-checkpoint", time, LONGEST_CHECKPOINT);
    GroupWriter first = new GroupWriter(connections.openWriter());
    Connection checkpointer = null;
    DatabaseSync database = null;
    LogSync log = null;
    PayloadPool pool = null;
    try {
      checkpointer = connections.openCheckpointer();
      database = DatabaseSync.open(file);
      this.checkpoints =
          new Checkpoints(
              file, errors, checkpointer, database, traffic, heartbeat, time, this.metrics);
      this.slot = new WriterSlot(first, connections, checkpoints, traffic);
      log = LogSync.open(file);
      pool = new PayloadPool(connections.openReaders());
      FileWatch watch = new FileWatch(settings.file(), file, guard.lockFile());
      this.keeper = new FileKeeper(settings.file(), settings.mode(), watch, traffic, slot, time);
      StoreFile.syncFolder(file); // the log is new, and what is synced in it must have a name
    } catch (SQLException | IOException | RuntimeException e) {
      first.close();
      if (pool != null) {
        pool.close();
      }
      if (log != null) {
        log.close();
      }
      if (checkpointer != null) {
        checkpointer.close();
      }
      if (database != null) {
        database.close();
      }
      throw e;
    }
    this.readers = pool;
    this.logSync = log;
    this.databaseSync = database;
    slot.guardBy(keeper);
    this.failures = new JournalFailures(file, errors, slot, checkpoints, keeper);
    this.groups = new GroupWriting(file, slot, failures, time);
    this.payloads = new PayloadReading(slot, pool, traffic, keeper, failures);
  }

  /**
   * Opens the file for this process alone, creating it if it is missing. One that the reference
   * broker has written is refused.
   *
   * @throws UnusableFileException if the file cannot be used; it is unchanged
   */
  public static SqliteJournal open(SqliteSettings settings, TimeSource time) {
    return open(settings, time, EventSink.none());
  }

  /** As {@link #open(SqliteSettings, TimeSource)}, with somebody who counts what happens. */
  public static SqliteJournal open(
      SqliteSettings settings, TimeSource time, EventSink<JournalEvent> metrics) {
    return open(settings, time, metrics, Importer.NONE, Connections::new);
  }

  /** As {@link #open(SqliteSettings, TimeSource)}, but a file of the reference is imported. */
  public static SqliteJournal open(
      SqliteSettings settings,
      TimeSource time,
      EventSink<JournalEvent> metrics,
      Importer importer) {
    return open(settings, time, metrics, importer, Connections::new);
  }

  /**
   * @param connections to the file, of the caller's making
   */
  static SqliteJournal open(
      SqliteSettings settings,
      TimeSource time,
      EventSink<JournalEvent> metrics,
      Importer importer,
      Function<Path, Connections> connections) {
    Connections.loadLibrary();
    Path file = StoreFile.locate(settings.file());
    NetworkFileSystem.warn(file);
    FileGuard guard = FileGuard.acquire(file);
    try {
      FilePreparation preparation = new FilePreparation(file, settings, connections.apply(file));
      preparation.run(importer, time.now().wallMs());
      SqliteJournal journal =
          new SqliteJournal(file, settings, time, metrics, guard, connections.apply(file));
      StoreFile.warnOfFurtherNames(file);
      preparation.restrict();
      journal.checkpoints.start(journal.keeper, settings.reclaimPages());
      return journal;
    } catch (SQLException | IOException e) {
      release(guard, e);
      throw new UnusableFileException(
          "%s cannot be opened: %s. %s".formatted(file, e.getMessage(), remedy(file, e)), e);
    } catch (RuntimeException e) {
      release(guard, e);
      throw e;
    }
  }

  private static String remedy(Path file, Exception cause) {
    return cause instanceof SQLException sql && SqliteErrors.isDamage(sql)
        ? DamageReport.REMEDY.formatted(file) + "."
        : "See that the broker's user may write to it and its folder, and that the disk is not full.";
  }

  private static void release(FileGuard guard, Exception because) {
    try {
      guard.close();
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  /** The sign of life of the checkpoint thread. */
  public Heartbeat heartbeat() {
    return heartbeat;
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      DamageReport damage = slot.get().load(positions, row);
      if (damage.isHopeless()) {
        throw failures.ended(errors.hopeless(damage));
      }
      if (damage.isEmpty()) {
        groups.outlived(slot.get().outlived());
      } else {
        slot.expectDamage();
        LOG.error(
            "{} is damaged. Left out was what cannot be read: {}. All other tasks are served. {}",
            file,
            damage,
            DamageReport.REMEDY.formatted(file));
      }
    } catch (SQLException e) {
      throw failures.failed("read the stored activations", e, Phase.UPKEEP);
    } catch (JournalException.Final e) {
      throw e;
    } catch (RuntimeException e) {
      slot.giveUp(e);
      throw e;
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public Map<String, String> orders() {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      return slot.get().orders().read();
    } catch (SQLException e) {
      JournalException failure = failures.failed("read the standing orders", e, Phase.READ);
      if (!SqliteErrors.isDamage(e)) {
        throw failure;
      }
      slot.expectDamage();
      LOG.error("{} is damaged: nothing is paused that was before. Pause it again", file, e);
      return Map.of();
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return payloads.page(filter, after, limit);
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return payloads.parked(after, limit);
  }

  @Override
  public void whenEnded(Consumer<JournalException.Final> told) {
    keeper.whenEnded(told);
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    checkpoints.makeRoomFor(group);
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      checkpoints.committed(groups.write(group, durability));
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public void tidy() {
    if (!groups.isUntidy() || checkpoints.isRoomScarce() || !traffic.groups().tryLock()) {
      return;
    }
    try {
      failures.refuseAfterEnd();
      groups.tidySome();
      checkpoints.committed(0);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public String place() {
    return file.toString();
  }

  @Override
  public long lastGroup() {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      return slot.get().lastGroup();
    } catch (SQLException e) {
      throw failures.failed("read the number of the last group", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public long lastKey() {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      return slot.get().lastKey();
    } catch (SQLException e) {
      throw failures.failed("read the last key", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public boolean isWritten(JournalGroup group) {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      return slot.get().isWritten(group);
    } catch (SQLException e) {
      throw failures.failed("find out whether a group was written", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public void sync() {
    refuseUnsynced();
    try {
      logSync.force();
      refuseUnsynced();
    } catch (IOException e) {
      throw failures.ended(
          new JournalException.Final(
              "%s could not be synced: %s".formatted(logSync.log(), e.getMessage()), e));
    }
  }

  /**
   * What came in is not safe while it is open whether it gets its place back, and its offsets are
   * not committed after that, either: whoever replaced the file may have done so before it was
   * written.
   */
  private void refuseUnsynced() {
    if (keeper.refusal() != null) {
      keeper.awaitEnd();
    }
    failures.refuseAfterEnd();
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    return payloads.payloads(keys);
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return payloads.largePayload(key);
  }

  @Override
  public boolean reclaim() {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      if (slot.isDamaged()) {
        return false; // moving pages about would meet the damage, and leave less to salvage
      }
      long began = time.nanos();
      int left = slot.get().vacuum(settings.reclaimPages());
      metrics.count(new JournalEvent.Reclaimed(left, Duration.ofNanos(time.nanos() - began)));
      checkpoints.committed(0);
      return left > 0;
    } catch (SQLException e) {
      throw failures.failed("give back free space", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public void rewrite() {
    traffic.groups().lock();
    try {
      failures.refuseAfterEnd();
      slot.get().rewrite();
      checkpoints.committed(0);
    } catch (SQLException e) {
      throw failures.failed("rewrite the whole file", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public StoreSize size() {
    return checkpoints.size();
  }

  /**
   * Lets the file go. After a final failure its connections are left to the end of the process:
   * closing the last one would copy the log into the database and remove it, by its name. The same
   * holds after somebody has changed the files.
   */
  @Override
  public void close() {
    if (!failures.close()) {
      return;
    }
    checkpoints.close();
    readers.close();
    if (failures.haveEndedIt()) {
      return;
    }
    if (!keeper.turn(false)) {
      releaseGuard();
      return;
    }
    try {
      groups.close();
      logSync.close();
      checkpoints.release();
      slot.close();
      databaseSync.close();
      guard.close();
    } catch (SQLException | IOException e) {
      LOG.warn("{} could not be closed in order; the next start puts it right", file, e);
    }
  }

  private void releaseGuard() {
    try {
      guard.close();
    } catch (IOException e) {
      LOG.debug("What marks {} as in use could not be removed", file, e);
    }
  }
}
