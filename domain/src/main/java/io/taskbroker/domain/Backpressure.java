package io.taskbroker.domain;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Decides how much of a batch may enter the store now. Pure. */
public final class Backpressure {
  /** Rows due later than this count towards the size limit only. */
  public static final Duration FAR = Duration.ofHours(1);

  /** Rows of an application that nobody has asked for so long count towards the size limit only. */
  public static final Duration ASKED_WITHIN = Duration.ofSeconds(60);

  private Backpressure() {}

  /**
   * What the operator allows.
   *
   * @param maxPending rows in {@code Pending} that workers can take
   * @param maxDelayed rows in {@code Delay} that are due within {@link #FAR}
   * @param maxProcessing rows in {@code Processing} and {@code Claimed}
   * @param maxOutbox rows that have to leave through Kafka
   * @param maxBytes of the store, null for no limit
   * @param maxLogBytes of the store's write-ahead log
   * @param maxMemoryBytes of heap that the rows may take
   */
  public record Limits(
      long maxPending,
      long maxDelayed,
      long maxProcessing,
      long maxOutbox,
      @Nullable Long maxBytes,
      long maxLogBytes,
      long maxMemoryBytes) {}

  /** What fills the store now; sizes in bytes. */
  public record Load(Depths depths, long storeBytes, long logBytes) {}

  /** What wants to enter: rows by the state they will have, in the order of the batch. */
  public record Batch(int pending, int delayed) {
    public int rows() {
      return pending + delayed;
    }
  }

  /** Why nothing enters. The first that holds is named, of the kinds of row the delayed ones. */
  public enum Reason {
    PROCESSING_LIMIT("processing_limit"),
    DELAY_LIMIT("delay_limit"),
    STORE_SIZE_LIMIT("db_size_limit"),
    PENDING_LIMIT("pending_limit"),
    OUTBOX_LIMIT("outbox_limit"),
    LOG_SIZE_LIMIT("wal_size_limit"),
    MEMORY_LIMIT("memory_limit");

    private final String tag;

    Reason(String tag) {
      this.tag = tag;
    }

    /** The reason's name in metrics. */
    public String tag() {
      return tag;
    }
  }

  /** The answer. */
  public sealed interface Admission {
    /** So many rows of either kind may enter now; at least one in all. */
    record Admitted(int pending, int delayed) implements Admission {}

    record Held(Reason reason) implements Admission {}
  }

  /**
   * Admits the whole batch, a part of it, or nothing.
   *
   * <p>At-most-once rows that wait for the commit of their offset do not count as pending: no
   * worker can take them, and only intake brings their commit about, so they must not hold it.
   *
   * <p>A part is admitted only if it is worth a transaction: a quarter of the limit, or all that
   * the batch has of its kind. So a batch larger than a limit gets in bit by bit.
   */
  public static Admission admit(Batch batch, Load load, Limits limits) {
    Depths depths = load.depths();
    if (depths.processing() + depths.claimed() >= limits.maxProcessing()) {
      return new Admission.Held(Reason.PROCESSING_LIMIT);
    }
    if (limits.maxBytes() != null && load.storeBytes() >= limits.maxBytes()) {
      return new Admission.Held(Reason.STORE_SIZE_LIMIT);
    }
    if (depths.outbox() >= limits.maxOutbox()) {
      return new Admission.Held(Reason.OUTBOX_LIMIT);
    }
    if (load.logBytes() >= limits.maxLogBytes()) {
      return new Admission.Held(Reason.LOG_SIZE_LIMIT);
    }
    if (depths.memoryBytes() >= limits.maxMemoryBytes()) {
      return new Admission.Held(Reason.MEMORY_LIMIT);
    }
    int countedPending =
        Math.max(0, depths.pending() - depths.unaskedPending() - depths.uncommitted());
    int countedDelayed = depths.delayed() - depths.unaskedDelayed();
    int pending = part(batch.pending(), countedPending, limits.maxPending());
    int delayed = part(batch.delayed(), countedDelayed, limits.maxDelayed());
    if (pending + delayed > 0 || batch.rows() == 0) {
      return new Admission.Admitted(pending, delayed);
    }
    return new Admission.Held(batch.delayed() > 0 ? Reason.DELAY_LIMIT : Reason.PENDING_LIMIT);
  }

  private static int part(int wanted, int stored, long limit) {
    long room = Math.max(0, limit - stored);
    long worthwhile = Math.min(wanted, Math.max(1, limit / 4));
    return room < worthwhile ? 0 : (int) Math.min(wanted, room);
  }
}
