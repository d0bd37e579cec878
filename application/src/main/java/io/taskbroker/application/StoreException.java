package io.taskbroker.application;

import java.io.Serial;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The store did not do what was asked. The subtype says what the caller can do about it. */
public abstract sealed class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  private StoreException(String message) {
    super(message);
  }

  /** Too many commands wait. Nothing changed; come again shortly. */
  public static final class Overloaded extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Overloaded(String message) {
      super(message);
    }
  }

  /** The journal failed, or the command waited too long. Nothing changed; it may succeed later. */
  public static final class Unavailable extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }

    public Unavailable(String message) {
      super(message);
    }
  }

  /** The store has ended, for good or because of a failed sync; this process gets no more of it. */
  public static final class Closed extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Closed(String message, Throwable cause) {
      super(message, cause);
    }

    public Closed(String message) {
      super(message);
    }
  }

  /** The command was wrong or hit a defect. Nothing changed; repeating it will not help. */
  public static final class Rejected extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Rejected(String message, Throwable cause) {
      super(message, cause);
    }

    public Rejected(String message) {
      super(message);
    }
  }

  /**
   * Some rows of a batch cannot be written, each by itself, and trying them again will not help.
   * All others are stored, and survive a power cut.
   */
  public static final class RefusedRows extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    private final int added;
    private final transient Map<Integer, String> reasons;

    /**
     * @param added how many of the others are new
     * @param reasons by the row's place in the batch, from 0; at least one
     */
    public RefusedRows(int added, Map<Integer, String> reasons) {
      super("%d rows of a batch cannot be written: %s".formatted(reasons.size(), reasons));
      this.added = added;
      this.reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
    }

    public int added() {
      return added;
    }

    public Map<Integer, String> reasons() {
      return reasons;
    }
  }
}
