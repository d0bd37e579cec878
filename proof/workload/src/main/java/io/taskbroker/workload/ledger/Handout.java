package io.taskbroker.workload.ledger;

import org.jspecify.annotations.Nullable;

/**
 * One time that a worker was given an activation. Guarded by its story.
 *
 * <p>The broker decided at some moment between the worker's question and its answer, and nobody
 * outside knows when. So what the broker is blamed for must hold for each of these moments.
 */
public final class Handout {
  private final Story story;
  private final String id;
  private final int attempt;
  private final String broker;
  private final long askedNanos;
  private final long atNanos;
  private @Nullable Long acknowledgedNanos;

  Handout(Story story, String id, int attempt, String broker, long askedNanos, long atNanos) {
    this.story = story;
    this.id = id;
    this.attempt = attempt;
    this.broker = broker;
    this.askedNanos = askedNanos;
    this.atNanos = atNanos;
  }

  public TaskKind kind() {
    return story.kind();
  }

  /** Retries before this one. */
  public int attempt() {
    return attempt;
  }

  Story story() {
    return story;
  }

  String id() {
    return id;
  }

  /** Address of the broker that it came from. */
  public String broker() {
    return broker;
  }

  /** The earliest moment at which the broker can have decided on it, by {@link System#nanoTime}. */
  public long decidedNanos() {
    return askedNanos;
  }

  /** When the worker had it, by {@link System#nanoTime}. */
  public long atNanos() {
    return atNanos;
  }

  void acknowledge(long nowNanos) {
    acknowledgedNanos = nowNanos;
  }

  /** Whether the report was acknowledged before the later worker even asked. */
  public boolean wasAcknowledgedBefore(Handout later) {
    return acknowledgedNanos != null && acknowledgedNanos - later.askedNanos <= 0;
  }

  /** Whether the report was acknowledged before the later worker had its task. */
  boolean wasOverAt(Handout later) {
    return acknowledgedNanos != null && acknowledgedNanos - later.atNanos <= 0;
  }

  /** For people, in seconds since a point in time. */
  String since(long startNanos) {
    String text =
        "handed out at %.3f s".formatted((atNanos - startNanos) / 1e9)
            + (broker.isEmpty() ? "" : " by " + broker);
    return acknowledgedNanos == null
        ? text + " (never acknowledged)"
        : text + " (acknowledged at %.3f s)".formatted((acknowledgedNanos - startNanos) / 1e9);
  }

  /** Whether less than the deadline lies between any two moments of the two hand-outs. */
  public boolean hadTimeUntil(Handout later) {
    return later.atNanos - askedNanos < story.kind().deadline().toNanos();
  }
}
