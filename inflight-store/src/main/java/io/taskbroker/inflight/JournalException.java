package io.taskbroker.inflight;

import io.taskbroker.domain.Ordered;
import java.io.Serial;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A journal did not do what was asked. The subtype says what the file holds now. */
public abstract sealed class JournalException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private JournalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What else would fail now. */
  public enum Extent {
    /** Every call of the kind: the disk is full or fails, or another program holds a lock. */
    FILE,
    /** Only calls with certain rows of this one. A call without those rows may succeed now. */
    ROWS
  }

  /** Nothing changed, in the file or on disk. The same call may succeed later. */
  public static final class NothingChanged extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    private final Extent extent;

    /** A failure of the file as a whole. */
    public NothingChanged(String message, @Nullable Throwable cause) {
      this(message, cause, Extent.FILE);
    }

    public NothingChanged(String message, @Nullable Throwable cause, Extent extent) {
      super(message, cause);
      this.extent = extent;
    }

    /** Whether the same call with fewer rows may succeed now. */
    public Extent extent() {
      return extent;
    }
  }

  /**
   * Certain payloads cannot be read, and reading them again in this process will not help. Nothing
   * changed, and every other row can be read.
   */
  public static final class Unreadable extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Map<Long, String> reasons;

    /**
     * @param reasons by key, for people; at least one
     */
    public Unreadable(String message, @Nullable Throwable cause, Map<Long, String> reasons) {
      super(message, cause);
      this.reasons = Ordered.copyOf(reasons);
    }

    /** Why, by the key of each row that is concerned. */
    public Map<Long, String> reasons() {
      return reasons;
    }
  }

  /** The group is there as a whole or not at all; {@link Journal#isWritten} tells. */
  public static final class Unknown extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public Unknown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Some rows that were to be inserted have the id of a row of another partition. Nothing of the
   * group is written; it may be without them. Only thrown by journals that are shared.
   */
  public static final class Duplicates extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Set<Long> keys;

    /**
     * @param keys of the rows that cannot be inserted; at least one
     */
    public Duplicates(String message, @Nullable Throwable cause, Set<Long> keys) {
      super(message, cause);
      this.keys = Ordered.copyOf(keys);
    }

    /** Of the rows that were to be inserted. */
    public Set<Long> keys() {
      return keys;
    }
  }

  /**
   * The journal has lost groups that it had acknowledged: its server has crashed, or another one
   * has taken its place. Nothing of this call happened. {@link Journal#lastGroup} tells what is
   * left, and the next group is one more than that. Groups that were to survive a power cut are not
   * among those that a crash can take.
   */
  public static final class Outdated extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public Outdated(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A sync failed, the file is damaged as a whole, or another file stands in its place. The
   * operating system reports a failed sync once and then calls the pages clean, so nothing that
   * this process reads or syncs from here on proves anything.
   */
  public static sealed class Final extends JournalException permits Deposed {
    @Serial private static final long serialVersionUID = 1L;

    public Final(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Other brokers have taken this broker for dead, and its partitions are theirs. Nothing that it
   * writes is kept any more, this call included. The message says who and when.
   */
  public static final class Deposed extends Final {
    @Serial private static final long serialVersionUID = 1L;

    public Deposed(String message) {
      super(message, null);
    }
  }
}
