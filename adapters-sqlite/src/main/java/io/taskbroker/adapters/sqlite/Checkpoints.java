package io.taskbroker.adapters.sqlite;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.store.JournalMetrics;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the write-ahead log short, on a thread and connection of its own, and knows how large the
 * database is.
 *
 * <p>Passes beside a steady writer never reach the end of the log, so it would grow for ever. So
 * when it is long, passes beside the writer copy most of it, then the writer is held between two
 * groups for a last pass over the short rest, and its next commit begins the log anew.
 */
final class Checkpoints implements AutoCloseable {
  /** From this length of the log on it is worth while: 40 MB in pages of 4 KB. */
  static final int LONG_LOG_PAGES = 10_000;

  private static final long LONG_LOG_BYTES = (long) LONG_LOG_PAGES * Schema.PAGE_BYTES;

  /** How much of the log's file is kept for the next round, once it is begun anew. */
  static final long LOG_KEPT_BYTES = 48L << 20;

  /** A rest of the log that the writer may be held for: a few milliseconds. */
  private static final int SHORT_REST_PAGES = 1_500;

  private static final int MOST_PASSES_BESIDE_THE_WRITER = 4;
  private static final Duration TURN_EVERY = Duration.ofMillis(20);

  /** A long log's file is cut after so many turns without a group: about a second. */
  private static final int TURNS_BEFORE_CUT = 50;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Path log;
  private final SqliteErrors errors;
  private final Connection connection;
  private final Statement statement;
  private final ReentrantLock betweenGroups;
  private final TimeSource time;
  private final JournalMetrics metrics;
  private final Loop loop;

  /** Groups and payload bytes that the writer has committed. */
  private final AtomicLong groups = new AtomicLong();

  private final AtomicLong payloadBytes = new AtomicLong();

  private volatile Measured measured = new Measured(0, 0);
  private volatile JournalException.@Nullable Final failure;
  private long groupsSeen;
  private int turns;
  private int idleTurns;
  private boolean reported;

  /** Where the log ended when it was last copied; the next round is that much further on. */
  private int copiedUpTo;

  private volatile boolean roomWanted;

  /** Live bytes at one time, and the payload bytes that had been committed until then. */
  private record Measured(long liveBytes, long atPayloadBytes) {}

  /** Pages in the log, and how many of them are copied into the database. */
  private record Log(int pages, int copied) {
    int rest() {
      return pages - copied;
    }
  }

  /**
   * @param betweenGroups held by the writer while it writes a group; fair, or it would never be had
   */
  Checkpoints(
      Path file,
      SqliteErrors errors,
      Connection connection,
      ReentrantLock betweenGroups,
      Heartbeat heartbeat,
      TimeSource time,
      JournalMetrics metrics)
      throws SQLException {
    this.log = LogSync.of(file);
    this.errors = errors;
    this.connection = connection;
    this.statement = connection.createStatement();
    this.betweenGroups = betweenGroups;
    this.time = time;
    this.metrics = metrics;
    measure();
    this.loop = new Loop("sqlite-checkpoint", this::turn, TURN_EVERY, this::report, heartbeat);
  }

  void start() {
    loop.start();
  }

  /** The writer has committed a group. */
  void committed(long insertedPayloadBytes) {
    payloadBytes.addAndGet(insertedPayloadBytes);
    groups.incrementAndGet();
  }

  /**
   * The log cannot grow: it is copied at the next turn, however short it is, so that it can be
   * begun anew in the room that it has.
   */
  void makeRoom() {
    roomWanted = true;
  }

  /**
   * The failed sync of a checkpoint, after which nothing may be relied on; null if there is none.
   */
  JournalException.@Nullable Final failure() {
    return failure;
  }

  /** Measured at the last turn, plus the payloads that came in since. */
  StoreSize size() {
    Measured last = measured;
    long live = last.liveBytes() + payloadBytes.get() - last.atPayloadBytes();
    return new StoreSize(live, logBytes());
  }

  /** Asked of the file system; nothing is opened. */
  private long logBytes() {
    try {
      return Files.size(log);
    } catch (IOException e) {
      return 0; // not there before the first group
    }
  }

  /** One look at the log; always rests afterwards. */
  int turn() {
    if (failure != null) {
      return 0;
    }
    try {
      keepShort();
      reported = false;
    } catch (SQLException e) {
      JournalException translated =
          errors.translate("copy the log into the database", e, SqliteErrors.Phase.UPKEEP);
      if (translated instanceof JournalException.Final last) {
        failure = last;
      }
      metrics.checkpointFailed();
      throw translated;
    }
    return 0;
  }

  private void keepShort() throws SQLException {
    if (roomWanted) {
      roomWanted = false;
      copyBesideTheWriter();
      copiedUpTo = checkpointBetweenGroups("PASSIVE").pages();
    }
    long groupsNow = groups.get();
    if (groupsNow == groupsSeen) {
      idleTurns++;
    } else {
      groupsSeen = groupsNow;
      idleTurns = 0;
      measure();
      copyLongLog();
    }
    if (++turns % TURNS_BEFORE_CUT == 0) {
      cutUnusedLog();
    }
  }

  private void copyLongLog() throws SQLException {
    int pages = look().pages();
    if (pages < copiedUpTo) {
      copiedUpTo = 0; // it was begun anew
    }
    if (pages - copiedUpTo >= LONG_LOG_PAGES) {
      copyBesideTheWriter();
      // If a reader keeps the log from being begun anew, the next round comes as late as this one.
      copiedUpTo = checkpointBetweenGroups("PASSIVE").pages();
    }
  }

  /**
   * Gives the log's file back when nobody writes who would begin it anew, or when a reader who is
   * gone by now has let it grow.
   */
  private void cutUnusedLog() throws SQLException {
    long most = idleTurns >= TURNS_BEFORE_CUT ? LONG_LOG_BYTES : LONG_LOG_BYTES + LOG_KEPT_BYTES;
    if (logBytes() >= most) {
      copyBesideTheWriter();
      copiedUpTo = checkpointBetweenGroups("TRUNCATE").pages();
      measure();
    }
  }

  private void copyBesideTheWriter() throws SQLException {
    int passes = 0;
    while (passes < MOST_PASSES_BESIDE_THE_WRITER
        && checkpoint("PASSIVE").rest() > SHORT_REST_PAGES) {
      passes++;
    }
  }

  private Log checkpointBetweenGroups(String mode) throws SQLException {
    betweenGroups.lock();
    try {
      return checkpoint(mode);
    } finally {
      betweenGroups.unlock();
    }
  }

  private Log checkpoint(String mode) throws SQLException {
    long began = time.nanos();
    Log log = ask(mode);
    metrics.checkpointed(time.nanos() - began);
    return log;
  }

  private Log look() throws SQLException {
    return ask("NOOP");
  }

  private Log ask(String mode) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
      row.next();
      Log log = new Log(row.getInt(2), row.getInt(3));
      metrics.log(row.getInt(1) != 0, log.pages(), log.copied());
      return log;
    }
  }

  private void measure() throws SQLException {
    long before = payloadBytes.get();
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT (page_count - freelist_count) * page_size
              FROM pragma_page_count, pragma_freelist_count, pragma_page_size""")) {
      row.next();
      measured = new Measured(row.getLong(1), before);
    }
  }

  /** Once, until it goes well again. */
  private void report(Throwable e) {
    if (!reported) {
      reported = true;
      LOG.warn("The write-ahead log {} grows for now: {}", log, e.getMessage(), e);
    }
  }

  /** Ends the turns; the connection is closed by {@link #release}. */
  @Override
  public void close() {
    loop.close();
  }

  /** Closes the connection. */
  void release() throws SQLException {
    connection.close();
  }
}
