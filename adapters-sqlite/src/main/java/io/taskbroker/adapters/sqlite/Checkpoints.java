package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.LogCopy.Log;
import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
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
 * groups for a last pass over the short rest, and its next commit begins the log anew. On a disk
 * with little room it is copied earlier, while there is still the room that this takes.
 */
final class Checkpoints implements AutoCloseable {
  /** From this length of the log on it is worth while: 40 MB in pages of 4 KB. */
  static final int LONG_LOG_PAGES = 10_000;

  private static final long LONG_LOG_BYTES = (long) LONG_LOG_PAGES * Schema.PAGE_BYTES;

  /** How much of the log's file is kept for the next round, once it is begun anew. */
  static final long LOG_KEPT_BYTES = 48L << 20;

  private static final Duration TURN_EVERY = Duration.ofMillis(20);

  /**
   * The files' names, and the room on the disk, are looked at after so many turns: half a second.
   */
  private static final int TURNS_BETWEEN_LOOKS = 25;

  /** A page in the log, with its header. */
  private static final long FRAME_BYTES = Schema.PAGE_BYTES + 24L;

  /** A long log's file is cut after so many turns without a group: about a second. */
  private static final int TURNS_BEFORE_CUT = 50;

  /** What has failed is tried again after so many turns: about a second. */
  private static final int TURNS_AFTER_A_FAILURE = 50;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Path log;
  private final SqliteErrors errors;
  private final LogCopy copy;
  private final DiskRoom room;
  private final FileTraffic traffic;
  private final EventSink<JournalEvent> metrics;
  private final Loop loop;

  /** Held by whoever uses the connection: this thread for a turn, or the writer before a group. */
  private final ReentrantLock copying = new ReentrantLock();

  /** Groups and payload bytes that the writer has committed. */
  private final AtomicLong groups = new AtomicLong();

  private final AtomicLong payloadBytes = new AtomicLong();

  private volatile Measured measured = new Measured(new LogCopy.Size(0, 0), 0);
  private volatile JournalException.@Nullable Final failure;
  private long groupsSeen;
  private int turns;
  private int idleTurns;
  private int turnsToSkip;
  private final Sparsely growingLines;

  /** Where the log ended when it was last copied; the next round is that much further on. */
  private int copiedUpTo;

  private volatile boolean roomWanted;
  private @Nullable FileKeeper keeper;
  private volatile int reclaimPages;

  /** How large the database was at one time, and the payload bytes that were committed by then. */
  private record Measured(LogCopy.Size size, long atPayloadBytes) {}

  Checkpoints(
      Path file,
      SqliteErrors errors,
      Connection connection,
      DatabaseSync database,
      FileTraffic traffic,
      Heartbeat heartbeat,
      TimeSource time,
      EventSink<JournalEvent> metrics)
      throws SQLException {
    this.log = LogSync.of(file);
    this.errors = errors;
    this.growingLines = new Sparsely(time, Duration.ofMinutes(1));
    this.copy = new LogCopy(connection, database, traffic, time, metrics);
    this.room = new DiskRoom(file);
    this.traffic = traffic;
    this.metrics = metrics;
    measure();
    lookAtTheDisk();
    this.loop =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "sqlite-checkpoint",
            this::turn,
            TURN_EVERY,
            this::report,
            heartbeat);
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
    copy.whenWritten(keeper::databaseWritten);
    loop.start();
  }

  /** The connection, for this thread or while no turn is taken. */
  Connection connection() {
    return copy.connection();
  }

  /** Gives no more space back: moving pages about would meet damage. */
  void expectDamage() {
    reclaimPages = 0;
  }

  /**
   * Called by the writer before it writes a group, without {@link FileTraffic#groups}. If the disk
   * has little room, the log is copied first where the group might take what copying needs.
   *
   * @throws JournalException.NothingChanged if the group would take it nonetheless
   */
  void makeRoomFor(JournalGroup group) {
    if (!room.isScarce() || failure != null) {
      return;
    }
    copying.lock();
    try {
      long bytes = DiskRoom.bytesOf(group);
      boolean inserts = !group.changes().inserted().isEmpty();
      long grows = inserts ? bytes : 0; // changes alone hardly make the database larger
      if (lookAtTheDisk().left() >= bytes + grows) {
        return;
      }
      Log left = copyWithin(lookAtTheDisk());
      long reused = left.rest() == 0 ? logBytes() : 0;
      DiskRoom.Look look = lookAtTheDisk();
      boolean wouldBlock = look.needed() > 0 && look.allowsCopying();
      if (look.left() < Math.max(0, bytes - reused) + grows && (inserts || wouldBlock)) {
        throw errors.wouldBeFull("write a group of changes", look.free(), bytes + look.needed());
      }
    } catch (SQLException e) {
      report(translated(e)); // writing the group tells whether it can be written
    } finally {
      copying.unlock();
    }
  }

  /** Whether what can wait should not be written: reports need the room. */
  boolean isRoomScarce() {
    return room.isScarce();
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
    long live = last.size().liveBytes() + payloadBytes.get() - last.atPayloadBytes();
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
    copying.lock();
    try {
      if (failure == null && (++turns % TURNS_BETWEEN_LOOKS != 0 || filesAreUsable())) {
        if (turnsToSkip > 0) {
          turnsToSkip--;
        } else {
          keepShort();
        }
      }
    } catch (SQLException e) {
      turnsToSkip = TURNS_AFTER_A_FAILURE;
      throw translated(e);
    } finally {
      copying.unlock();
    }
    return 0;
  }

  private JournalException translated(SQLException e) {
    JournalException translated =
        errors.translate("copy the log into the database", e, Phase.UPKEEP);
    if (translated instanceof JournalException.Final last) {
      ended(last);
    }
    metrics.count(new JournalEvent.CheckpointFailed());
    return translated;
  }

  private void ended(JournalException.Final last) {
    failure = last;
    FileKeeper known = keeper;
    if (known != null) {
      known.tell(last);
    }
  }

  /** Whether the files are still those that were opened; asked before each copying. */
  private boolean filesAreUsable() throws SQLException {
    FileKeeper known = keeper;
    return known == null || known.turn(logIsCut());
  }

  private boolean logIsCut() throws SQLException {
    traffic.groups().lock(); // or the log might be begun anew, and cut by us, in between
    try {
      long frames = Math.max(0, copy.look().pages());
      long written = frames == 0 ? 0 : LogHeader.BYTES + frames * FRAME_BYTES;
      return logBytes() < written;
    } finally {
      traffic.groups().unlock();
    }
  }

  private void keepShort() throws SQLException {
    long groupsNow = groups.get();
    boolean isIdle = groupsNow == groupsSeen;
    if (!isIdle) {
      groupsSeen = groupsNow;
      measure();
    }
    if (roomWanted || !isIdle || turns % TURNS_BETWEEN_LOOKS == 0) {
      copyBeforeRoomEnds();
    }
    if (isIdle) {
      idleTurns++;
      giveBackWhenIdle();
    } else {
      idleTurns = 0;
      copyLongLog();
    }
    if (turns % TURNS_BEFORE_CUT == 0) {
      cutUnusedLog();
    }
  }

  private void copyBeforeRoomEnds() throws SQLException {
    DiskRoom.Look look = lookAtTheDisk();
    if (roomWanted || look.urgesCopying()) {
      roomWanted = false;
      copyWithin(look);
    }
  }

  /** Copies the log if there is the room for it; else says how much is missing. */
  private Log copyWithin(DiskRoom.Look look) throws SQLException {
    return copyWithin(look, "PASSIVE");
  }

  private Log copyWithin(DiskRoom.Look look, String lastPass) throws SQLException {
    if (look.allowsCopying()) {
      return copy(lastPass);
    }
    report(errors.wouldBeFull("copy the log into the database", look.free(), look.needed()));
    return copy.look();
  }

  private void copyLongLog() throws SQLException {
    int pages = copy.look().pages();
    if (pages < copiedUpTo) {
      copiedUpTo = 0; // it was begun anew
    }
    if (pages - copiedUpTo >= LONG_LOG_PAGES) {
      copyWithin(lookAtTheDisk());
    }
  }

  /** A step of a few milliseconds for each turn, for as long as nobody writes. */
  private void giveBackWhenIdle() throws SQLException {
    int pages = reclaimPages;
    if (idleTurns < TURNS_BEFORE_CUT
        || pages == 0
        || measured.size().freePages() == 0
        || !hasRoomToGiveBack(pages)) {
      return;
    }
    long before = payloadBytes.get();
    measured = new Measured(copy.giveBack(pages), before);
    if (measured.size().freePages() == 0) {
      copyWithin(lookAtTheDisk()); // the database's file is cut when the log is copied
    } else {
      copyLongLog();
    }
  }

  /** Giving back writes to the log first. It takes no room that reports will need. */
  private boolean hasRoomToGiveBack(int pages) throws SQLException {
    long bytes = 2 * FRAME_BYTES * pages; // a page that moves, and one that points at it
    DiskRoom.Look look = lookAtTheDisk();
    if (look.left() >= bytes) {
      return true;
    }
    Log left = copy.look();
    if (left.rest() > 0 && look.allowsCopying()) {
      left = copy("PASSIVE");
    }
    return left.rest() == 0 && logBytes() >= bytes;
  }

  /**
   * Gives the log's file back when nobody writes who would begin it anew, or when a reader who is
   * gone by now has let it grow.
   */
  private void cutUnusedLog() throws SQLException {
    long most = idleTurns >= TURNS_BEFORE_CUT ? LONG_LOG_BYTES : LONG_LOG_BYTES + LOG_KEPT_BYTES;
    if (logBytes() >= most) {
      copyWithin(lookAtTheDisk(), "TRUNCATE");
      measure();
    }
  }

  private Log copy(String lastPass) throws SQLException {
    if (!filesAreUsable()) {
      return copy.look();
    }
    try {
      Log copied = copy.copy(lastPass);
      // If a reader keeps the log from being begun anew, the next round comes as late as this one.
      copiedUpTo = copied.pages();
      return copied;
    } catch (JournalException.Final e) {
      ended(e);
      metrics.count(new JournalEvent.CheckpointFailed());
      throw e;
    }
  }

  private void measure() throws SQLException {
    long before = payloadBytes.get();
    measured = new Measured(copy.size(), before);
  }

  private DiskRoom.Look lookAtTheDisk() throws SQLException {
    return room.look(copy.size().bytes());
  }

  private void report(Throwable e) {
    long times = growingLines.count(1);
    if (times > 0) {
      LOG.warn(
          "The write-ahead log {} grows for now: {} ({} times since the last line)",
          log,
          e.getMessage(),
          times);
    }
  }

  /** Ends the turns; the connection is closed by {@link #release}. */
  @Override
  public void close() {
    loop.close();
  }

  /** Closes the connection. */
  void release() throws SQLException {
    copy.close();
  }
}
