package io.taskbroker.adapters.sqlite;

import com.zaxxer.hikari.HikariDataSource;
import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
  private static final String READ_PAYLOADS = "read payloads";

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Copying a log that a reader has let grow to gigabytes takes its time. */
  private static final Duration LONGEST_CHECKPOINT = Duration.ofMinutes(1);

  private final Path file;
  private final SqliteSettings settings;
  private final SqliteErrors errors;
  private final FileGuard guard;
  private final Connections connections;
  private final HikariDataSource readers;
  private final Checkpoints checkpoints;
  private final LogSync logSync;
  private final Heartbeat heartbeat;
  private final TimeSource time;
  private final Sparsely untidyLines;
  private final EventSink<JournalEvent> metrics;

  private final FileTraffic traffic = new FileTraffic();
  private final FileKeeper keeper;

  /** Whether something could not be read, or changed, as its page makes no sense. */
  private final AtomicBoolean damaged = new AtomicBoolean();

  private boolean payloadsReplaced;
  private @Nullable GroupWriter writer;
  private volatile JournalException.@Nullable Final end;
  private volatile boolean closed;

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
    this.untidyLines = new Sparsely(time, Duration.ofMinutes(1));
    this.metrics = EventSink.careful("the journal", metrics, time);
    this.guard = guard;
    this.connections = connections;
    this.errors = new SqliteErrors(file);
    this.heartbeat = new Heartbeat("sqlite-checkpoint", time, LONGEST_CHECKPOINT);
    GroupWriter first = new GroupWriter(connections.openWriter());
    Connection checkpointer = null;
    LogSync log = null;
    HikariDataSource pool = null;
    try {
      checkpointer = connections.openCheckpointer();
      this.checkpoints =
          new Checkpoints(file, errors, checkpointer, traffic, heartbeat, time, this.metrics);
      log = LogSync.open(file);
      pool = connections.openReaders();
      FileWatch watch = new FileWatch(settings.file(), file, guard.lockFile());
      this.keeper =
          new FileKeeper(settings.file(), settings.mode(), watch, traffic, new OpenFiles(), time);
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
      throw e;
    }
    this.readers = pool;
    this.logSync = log;
    this.writer = first;
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
      SqliteSettings settings, TimeSource time, EventSink<JournalEvent> metrics, Importer importer) {
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
      switch (new FileInspection(file).inspect()) {
        case NOTHING -> StoreFile.create(file, settings.mode());
        case REFERENCE -> importer.run(file, time.now().wallMs());
        case EARLIER_STORE -> {
          importer.removeRemains(file);
          SchemaUpgrade.run(file, connections.apply(file));
        }
        case STORE -> {
          importer.removeRemains(file);
          if (settings.rewriteAtStart()) {
            rewrite(connections.apply(file), file);
          }
        }
      }
      SqliteJournal journal =
          new SqliteJournal(file, settings, time, metrics, guard, connections.apply(file));
      StoreFile.warnOfFurtherNames(file);
      journal.restrict();
      journal.checkpoints.start(journal.keeper, settings.reclaimPages());
      return journal;
    } catch (SQLException | IOException e) {
      release(guard, e);
      throw new UnusableFileException(
          "%s cannot be opened: %s. See that the broker's user may write to it and its folder, and that the disk is not full."
              .formatted(file, e.getMessage()),
          e);
    } catch (RuntimeException e) {
      release(guard, e);
      throw e;
    }
  }

  /** For the keeper of the files, which has the writer kept out meanwhile. */
  private final class OpenFiles implements FileKeeper.OpenFiles {
    /** The writer's connection, as it has kept some pages in memory; else the other one. */
    @Override
    public Connection rows() {
      GroupWriter known = writer;
      return known == null ? checkpoints.connection() : known.connection();
    }

    @Override
    public boolean writtenByOthers() throws SQLException {
      GroupWriter known = writer;
      return known != null && known.writtenByOthers(traffic.changesBesideTheWriter());
    }
  }

  /** Files of an earlier start, and those that were made by the umask. */
  private void restrict() {
    for (String companion : new String[] {"", "-wal", "-shm", ".lock", ".owner"}) {
      settings.mode().applyTo(file.resolveSibling(file.getFileName() + companion));
    }
  }

  /** Nothing depends on it: a file that could not be rewritten is as good as before. */
  private static void rewrite(Connections connections, Path file) {
    try (Connection connection = connections.openWriter();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM");
    } catch (SQLException e) {
      LOG.warn("{} could not be rewritten, and is used as it is", file, e);
    }
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
      refuseAfterEnd();
      DamageReport damage = writer().load(positions, row);
      if (damage.isHopeless()) {
        throw ended(errors.hopeless(damage));
      }
      if (!damage.isEmpty()) {
        expectDamage();
        LOG.error(
            "{} is damaged. Left out was what cannot be read: {}. All other tasks are served. {}",
            file,
            damage,
            DamageReport.REMEDY.formatted(file));
      }
    } catch (SQLException e) {
      throw failed("read the stored activations", e, Phase.UPKEEP);
    } catch (JournalException.Final e) {
      throw e;
    } catch (RuntimeException e) {
      giveUpWriter(e);
      throw e;
    } finally {
      traffic.groups().unlock();
    }
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
      refuseAfterEnd();
      checkpoints.committed(write(group, durability));
    } finally {
      traffic.groups().unlock();
    }
  }

  private long write(JournalGroup group, Durability durability) {
    Phase phase = Phase.UPKEEP;
    try {
      GroupWriter writing = writer();
      try {
        writing.begin(durability);
        long payloadBytes = writing.write(group);
        writing.commit();
        tidy(writing);
        return payloadBytes;
      } finally {
        phase = writing.phase();
      }
    } catch (SQLException e) {
      JournalException failure = failed("write a group of changes", e, phase);
      if (phase == Phase.CHANGE && SqliteErrors.isDamage(e) && expectDamage()) {
        return write(group, durability); // now without deleting what lies beside the damage
      }
      if (phase == Phase.INSERT && SqliteErrors.isDamage(e) && !payloadsReplaced) {
        payloadsReplaced = true;
        expectDamage();
        replacePayloads();
        return write(group, durability);
      }
      throw failure;
    } catch (RuntimeException e) {
      giveUpWriter(e);
      throw e;
    }
  }

  /** Once in a process: if that does not help, the damage is elsewhere. */
  private void replacePayloads() {
    try {
      LOG.warn("{} is damaged where new payloads go; all that can be read are moved", file);
      writer().replacePayloads();
    } catch (SQLException e) {
      throw failed("move the payloads away from damage", e, Phase.UPKEEP);
    }
  }

  /** Returns whether this is the first time. */
  private boolean expectDamage() {
    checkpoints.expectDamage();
    return damaged.compareAndSet(false, true);
  }

  /** The group is written, whatever becomes of this. */
  private void tidy(GroupWriter writing) {
    try {
      writing.tidy();
    } catch (SQLException e) {
      long times = untidyLines.count(1);
      if (times > 0) {
        LOG.warn(
            "Payloads of finished tasks are left in {}: {} ({} times since the last line)",
            file,
            e.getMessage(),
            times);
      }
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
      refuseAfterEnd();
      return writer().lastGroup();
    } catch (SQLException e) {
      throw failed("read the number of the last group", e, Phase.UPKEEP);
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
      throw ended(
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
    refuseAfterEnd();
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    if (keys.isEmpty()) {
      refuseAfterEnd();
      return Map.of();
    }
    traffic.groups().lock();
    try {
      refuseAfterEnd();
      return writer().payloads(keys);
    } catch (SQLException e) {
      return payloadsOneByOne(keys, failed(READ_PAYLOADS, e, Phase.READ));
    } finally {
      traffic.groups().unlock();
    }
  }

  /** So that what is wrong with one payload keeps nobody from the others. */
  private Map<Long, byte[]> payloadsOneByOne(Collection<Long> keys, JournalException together) {
    if (!isAboutRows(together)) {
      throw together;
    }
    expectDamage();
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    Map<Long, String> unreadable = new HashMap<>();
    for (long key : keys) {
      try {
        payloads.putAll(writer().payloads(List.of(key)));
      } catch (SQLException e) {
        JournalException alone = failed(READ_PAYLOADS, e, Phase.READ);
        if (!isAboutRows(alone)) {
          throw alone;
        }
        unreadable.put(key, String.valueOf(alone.getMessage()));
      }
    }
    if (unreadable.isEmpty()) {
      return payloads;
    }
    throw new JournalException.Unreadable(
        String.valueOf(together.getMessage()), together, unreadable);
  }

  private static boolean isAboutRows(JournalException e) {
    return e instanceof JournalException.NothingChanged failure
        && failure.extent() == JournalException.Extent.ROWS;
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    refuseAfterEnd();
    Lock reading = traffic.reading();
    reading.lock();
    try {
      Optional<byte[]> payload = readLargePayload(key);
      // The pool may have opened its connection just now, by a name that leads elsewhere.
      keeper.refuseElsewhere();
      return payload;
    } finally {
      reading.unlock();
    }
  }

  private Optional<byte[]> readLargePayload(long key) {
    try (Connection connection = readers.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT bytes FROM payload WHERE key = ?")) {
      select.setLong(1, key);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      JournalException failure = endedIfFinal(errors.translate(READ_PAYLOADS, e, Phase.READ));
      if (isAboutRows(failure)) {
        expectDamage();
        String reason = String.valueOf(failure.getMessage());
        throw new JournalException.Unreadable(reason, failure, Map.of(key, reason));
      }
      throw failure;
    }
  }

  @Override
  public boolean reclaim() {
    traffic.groups().lock();
    try {
      refuseAfterEnd();
      if (damaged.get()) {
        return false; // moving pages about would meet the damage, and leave less to salvage
      }
      long began = time.nanos();
      int left = writer().vacuum(settings.reclaimPages());
      metrics.count(new JournalEvent.Reclaimed(left, Duration.ofNanos(time.nanos() - began)));
      checkpoints.committed(0);
      return left > 0;
    } catch (SQLException e) {
      throw failed("give back free space", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public void rewrite() {
    traffic.groups().lock();
    try {
      refuseAfterEnd();
      writer().rewrite();
      checkpoints.committed(0);
    } catch (SQLException e) {
      throw failed("rewrite the whole file", e, Phase.UPKEEP);
    } finally {
      traffic.groups().unlock();
    }
  }

  @Override
  public StoreSize size() {
    return checkpoints.size();
  }

  private GroupWriter writer() throws SQLException {
    GroupWriter known = writer;
    if (known == null) {
      keeper.refuseElsewhere();
      known = new GroupWriter(connections.openWriter());
      writer = known;
    }
    if (damaged.get()) {
      known.expectDamage();
    }
    return known;
  }

  private JournalException failed(String action, SQLException e, Phase phase) {
    JournalException translated = errors.translate(action, e, phase);
    if (SqliteErrors.isFull(e)) {
      checkpoints.makeRoom();
    }
    if (!(translated instanceof JournalException.Final)) {
      giveUpWriter(translated);
    }
    return endedIfFinal(translated);
  }

  /** Closing the connection rolls back; the checkpoint's one keeps the log from being removed. */
  private void giveUpWriter(RuntimeException because) {
    GroupWriter known = writer;
    writer = null;
    if (known != null) {
      try {
        known.close();
      } catch (SQLException e) {
        because.addSuppressed(e);
      }
    }
  }

  private JournalException endedIfFinal(JournalException e) {
    return e instanceof JournalException.Final last ? ended(last) : e;
  }

  private JournalException.Final ended(JournalException.Final last) {
    end = last;
    return last;
  }

  private void refuseAfterEnd() {
    JournalException.Final last = end != null ? end : checkpoints.failure();
    if (last != null) {
      throw last;
    }
    keeper.refuse();
    if (closed) {
      throw new IllegalStateException(file + " is closed");
    }
  }

  /**
   * Lets the file go. After a final failure its connections are left to the end of the process:
   * closing the last one would copy the log into the database and remove it, by its name. The same
   * holds after somebody has changed the files.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    checkpoints.close();
    readers.close();
    if (end != null || checkpoints.failure() != null) {
      return;
    }
    if (!keeper.turn(false)) {
      releaseGuard();
      return;
    }
    try {
      logSync.close();
      checkpoints.release();
      GroupWriter known = writer;
      if (known != null) {
        known.close();
      }
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
