package io.taskbroker.inflight;

import io.taskbroker.domain.Ordered;
import java.io.Serial;
import java.util.Map;

/** A journal did not do what was asked. The subtype says what the file holds now. */
public abstract sealed class JournalException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private JournalException(String message, Throwable cause) {
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
    public NothingChanged(String message, Throwable cause) {
      this(message, cause, Extent.FILE);
    }

    public NothingChanged(String message, Throwable cause, Extent extent) {
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
    public Unreadable(String message, Throwable cause, Map<Long, String> reasons) {
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

    public Unknown(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A sync failed, the file is damaged as a whole, or another file stands in its place. The
   * operating system reports a failed sync once and then calls the pages clean, so nothing that
   * this process reads or syncs from here on proves anything.
   */
  public static final class Final extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public Final(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
