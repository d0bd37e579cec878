package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The writer's connection: given up after a failure, which rolls back what was begun, and opened
 * anew for the next call. Used with {@link FileTraffic#groups} held.
 */
final class WriterSlot implements FileKeeper.OpenFiles, AutoCloseable {
  private final Connections connections;
  private final Checkpoints checkpoints;
  private final FileTraffic traffic;

  /** Whether something could not be read, or changed, as its page makes no sense. */
  private final AtomicBoolean damaged = new AtomicBoolean();

  private @Nullable GroupWriter writer;
  private @Nullable FileKeeper keeper;

  WriterSlot(
      GroupWriter first, Connections connections, Checkpoints checkpoints, FileTraffic traffic) {
    this.writer = first;
    this.connections = connections;
    this.checkpoints = checkpoints;
    this.traffic = traffic;
  }

  /**
   * @param refusing refuses to open one by a name that leads elsewhere
   */
  void guardBy(FileKeeper refusing) {
    keeper = refusing;
  }

  /** The writer. */
  GroupWriter get() throws SQLException {
    GroupWriter known = writer;
    if (known == null) {
      if (keeper != null) {
        keeper.refuseElsewhere();
      }
      known = new GroupWriter(connections.openWriter());
      writer = known;
    }
    if (damaged.get()) {
      known.removal().expectDamage();
    }
    return known;
  }

  /** The checkpoint's connection keeps the log from being removed. */
  void giveUp(RuntimeException because) {
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

  /** For any thread. Returns whether this is the first time. */
  boolean expectDamage() {
    checkpoints.expectDamage();
    return damaged.compareAndSet(false, true);
  }

  /** For any thread. */
  boolean isDamaged() {
    return damaged.get();
  }

  /** The writer's connection, as it has kept some pages in memory; else the other one. */
  @Override
  public Connection rows() {
    GroupWriter known = writer;
    return known == null ? checkpoints.connection() : known.connection();
  }

  @Override
  public boolean writtenByOthers() throws SQLException {
    GroupWriter known = writer;
    return known != null && known.others().haveWritten(traffic.changesBesideTheWriter());
  }

  @Override
  public void close() throws SQLException {
    GroupWriter known = writer;
    if (known != null) {
      known.close();
    }
  }
}
