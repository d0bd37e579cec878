package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * The facts of one activation, all but its payload. They are set at intake and never change.
 *
 * <p>A record of Kafka that could not be taken as a task is kept in the same shape until it has
 * left for the dead-letter topic; see {@link #defect}.
 *
 * @param id unique while the activation is stored; opaque
 * @param application empty if the producer named none
 * @param namespace unique within an application only
 * @param partition where the record came from
 * @param offset of the record in {@code partition}
 * @param receivedAtMs when it was produced, Unix milliseconds; for a bad record Kafka's timestamp
 * @param addedAtMs when it was decoded here, Unix milliseconds; the order of delivery
 * @param expiresAtMs Unix milliseconds by which work must have started; null for never
 * @param delayUntilMs Unix milliseconds before which it must not start; null for at once
 * @param processingDeadlineSec how long a worker may take, 0 and up
 * @param payloadBytes size of the payload
 * @param defect why the record is no task, in words for its dead-letter header; null for a task
 */
public record Activation(
    String id,
    String application,
    String namespace,
    String taskname,
    Partition partition,
    long offset,
    long receivedAtMs,
    long addedAtMs,
    @Nullable Long expiresAtMs,
    @Nullable Long delayUntilMs,
    int processingDeadlineSec,
    Delivery delivery,
    OnAttemptsExceeded onAttemptsExceeded,
    int payloadBytes,
    @Nullable String defect) {
  /** Of the names and the id of a task, in UTF-8: they are in memory, so they have to be short. */
  public static final int LONGEST_NAME_BYTES = 1_024;

  private static final String COME_BACK = "it was dead-lettered once already: ";

  public Activation {
    if (processingDeadlineSec < 0) {
      throw new IllegalArgumentException(
          "processingDeadlineSec must not be negative, was " + processingDeadlineSec);
    }
  }

  /** A record that is no task, on its way to the dead-letter topic. */
  public static Activation badRecord(
      Partition partition, long offset, long timestampMs, long nowMs, int bytes, String defect) {
    return bad(
        "bad-record/" + place(partition, offset),
        partition,
        offset,
        timestampMs,
        nowMs,
        bytes,
        defect);
  }

  /**
   * What is left of a task that no worker can ever take, on its way to the dead-letter topic. Its
   * id tells it from what is left of an earlier task whose id the producer has used again.
   */
  public static Activation undeliverable(Activation task, long nowMs, String defect) {
    return bad(
        "undeliverable/" + place(task.partition(), task.offset()) + "/" + task.id(),
        task.partition(),
        task.offset(),
        task.receivedAtMs(),
        nowMs,
        task.payloadBytes(),
        defect);
  }

  private static String place(Partition partition, long offset) {
    return partition.topic() + "/" + partition.number() + "/" + offset;
  }

  private static Activation bad(
      String id,
      Partition partition,
      long offset,
      long timestampMs,
      long nowMs,
      int bytes,
      String defect) {
    return new Activation(
        id,
        "",
        "",
        "",
        partition,
        offset,
        timestampMs,
        nowMs,
        null,
        null,
        0,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.DEAD_LETTER,
        bytes,
        defect);
  }

  /** The defect of a record that had been dead-lettered before it came here again. */
  public static String comeBack(String defect) {
    return COME_BACK + defect;
  }

  /** Whether it had been dead-lettered before it came here again; it must not be once more. */
  public boolean hasComeBack() {
    return defect != null && defect.startsWith(COME_BACK);
  }

  public boolean isBadRecord() {
    return defect != null;
  }

  public boolean isAtMostOnce() {
    return delivery == Delivery.AT_MOST_ONCE;
  }

  /** When work on it could have begun: produced, and its delay over. Unix milliseconds. */
  public long dueAtMs() {
    return delayUntilMs == null ? receivedAtMs : delayUntilMs;
  }
}
