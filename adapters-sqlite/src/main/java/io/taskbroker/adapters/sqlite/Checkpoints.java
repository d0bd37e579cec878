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

  /** The names of the files are looked at after so many turns: about half a second. */
  private static final int TURNS_BETWEEN_LOOKS = 25;

  /** A page in the log, with its header. */
  private static final long FRAME_BYTES = Schema.PAGE_BYTES + 24L;

  /** A long log's file is cut after so many turns without a group: about a second. */
  private static final int TURNS_BEFORE_CUT = 50;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Path log;
  private final SqliteErrors errors;
  private final Connection connection;
  private final Statement statement;
  private final FileTraffic traffic;
  private final TimeSource time;
  private final JournalMetrics metrics;
  private final Loop loop;

  /** Groups and payload bytes that the writer has committed. */
  private final AtomicLong groups = new AtomicLong();

  private final AtomicLong payloadBytes = new AtomicLong();

  private volatile Measured measured = new Measured(0, 0, 0);
  private volatile JournalException.@Nullable Final failure;
  private long groupsSeen;
  private int turns;
  private int idleTurns;
  private boolean reported;

  /** Where the log ended when it was last copied; the next round is that much further on. */
  private int copiedUpTo;

  private volatile boolean roomWanted;
  private @Nullable FileKeeper keeper;
  private volatile int reclaimPages;

  /** What was in use and free at one time, and the payload bytes that had been committed then. */
  private record Measured(long liveBytes, long atPayloadBytes, int freePages) {}

  /** Pages in the log, and how many of them are copied into the database. */
  private record Log(int pages, int copied) {
    int rest() {
      return pages - copied;
    }
  }

  Checkpoints(
      Path file,
      SqliteErrors errors,
      Connection connection,
      FileTraffic traffic,
      Heartbeat heartbeat,
      TimeSource time,
      JournalMetrics metrics)
      throws SQLException {
    this.log = LogSync.of(file);
    this.errors = errors;
    this.connection = connection;
    this.statement = connection.createStatement();
    this.traffic = traffic;
    this.time = time;
    this.metrics = metrics;
    measure();
    this.loop = new Loop("sqlite-checkpoint", this::turn, TURN_EVERY, this::report, heartbeat);
  }

  /**
   * Takes turns from now on.
   *
   * @param keeper looks after the files' names, on the same thread
   * @param pages most free pages that an idle turn gives back
   */
  void start(FileKeeper keeper, int pages) {
    this.keeper = keeper;
    this.reclaimPages = pages;
    loop.start();
  }

  /** The connection, for this thread or while no turn is taken. */
  Connection connection() {
    return connection;
  }

  /** Gives no more space back: moving pages about would meet damage. */
  void expectDamage() {
    reclaimPages = 0;
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
      if (++turns % TURNS_BETWEEN_LOOKS != 0 || filesAreUsable()) {
        keepShort();
      }
      reported = false;
    } catch (SQLException e) {
      JournalException translated =
          errors.translate("copy the log into the database", e, SqliteErrors.Phase.UPKEEP);
      if (translated instanceof JournalException.Final last) {
        failure = last;
        FileKeeper known = keeper;
        if (known != null) {
          known.tell(last);
        }
      }
      metrics.checkpointFailed();
      throw translated;
    }
    return 0;
  }

  /** Whether the files are still those that were opened; asked before each copying. */
  private boolean filesAreUsable() throws SQLException {
    FileKeeper known = keeper;
    return known == null || known.turn(logIsCut());
  }

  private boolean logIsCut() throws SQLException {
    traffic.groups().lock(); // or the log might be begun anew, and cut by us, in between
    try {
      long frames = Math.max(0, look().pages());
      long written = frames == 0 ? 0 : LogHeader.BYTES + frames * FRAME_BYTES;
      return logBytes() < written;
    } finally {
      traffic.groups().unlock();
    }
  }

  private void keepShort() throws SQLException {
    if (roomWanted) {
      roomWanted = false;
      copy("PASSIVE");
    }
    long groupsNow = groups.get();
    if (groupsNow == groupsSeen) {
      idleTurns++;
      giveBackWhenIdle();
    } else {
      groupsSeen = groupsNow;
      idleTurns = 0;
      measure();
      copyLongLog();
    }
    if (turns % TURNS_BEFORE_CUT == 0) {
      cutUnusedLog();
    }
  }

  private void copyLongLog() throws SQLException {
    int pages = look().pages();
    if (pages < copiedUpTo) {
      copiedUpTo = 0; // it was begun anew
    }
    if (pages - copiedUpTo >= LONG_LOG_PAGES) {
      copy("PASSIVE");
    }
  }

  /** A step of a few milliseconds for each turn, for as long as nobody writes. */
  private void giveBackWhenIdle() throws SQLException {
    int pages = reclaimPages;
    if (idleTurns < TURNS_BEFORE_CUT || pages == 0 || measured.freePages() == 0) {
      return;
    }
    traffic.groups().lock();
    try {
      long began = time.nanos();
      // Not execute(), which would take the first step of the statement only and free one page.
      statement.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")");
      traffic.changedBesideTheWriter();
      measure();
      metrics.reclaimed(measured.freePages(), time.nanos() - began);
    } finally {
      traffic.groups().unlock();
    }
    if (measured.freePages() == 0) {
      copy("PASSIVE"); // the database's file is cut when the log is copied
    } else {
      copyLongLog();
    }
  }

  /**
   * Gives the log's file back when nobody writes who would begin it anew, or when a reader who is
   * gone by now has let it grow.
   */
  private void cutUnusedLog() throws SQLException {
    long most = idleTurns >= TURNS_BEFORE_CUT ? LONG_LOG_BYTES : LONG_LOG_BYTES + LOG_KEPT_BYTES;
    if (logBytes() >= most) {
      copy("TRUNCATE");
      measure();
    }
  }

  /** Copies the log as far as readers let it, with a last pass between two groups. */
  private void copy(String lastPass) throws SQLException {
    if (filesAreUsable()) {
      copyBesideTheWriter();
      // If a reader keeps the log from being begun anew, the next round comes as late as this one.
      copiedUpTo = checkpointBetweenGroups(lastPass).pages();
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
    boolean isAlone = traffic.keepReadersOut();
    try {
      traffic.groups().lock();
      try {
        traffic.changedBesideTheWriter(); // a log that is cut looks to the writer like a change
        return checkpoint(mode);
      } finally {
        traffic.groups().unlock();
      }
    } finally {
      if (isAlone) {
        traffic.letReadersIn();
      }
    }
  }

  private Log checkpoint(String mode) throws SQLException {
    long began = time.nanos();
    try {
      return ask(mode);
    } finally {
      metrics.checkpointed(time.nanos() - began);
      FileKeeper known = keeper;
      if (known != null) {
        known.databaseWritten();
      }
    }
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
            SELECT (page_count - freelist_count) * page_size, freelist_count
              FROM pragma_page_count, pragma_freelist_count, pragma_page_size""")) {
      row.next();
      measured = new Measured(row.getLong(1), before, row.getInt(2));
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
