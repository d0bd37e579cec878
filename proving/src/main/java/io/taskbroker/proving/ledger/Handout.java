package io.taskbroker.proving.ledger;

import org.jspecify.annotations.Nullable;

/** One time that a worker was given an activation. Guarded by its story. */
public final class Handout {
  private final Story story;
  private final String id;
  private final int attempt;
  private final long atNanos;
  private @Nullable Long acknowledgedNanos;

  Handout(Story story, String id, int attempt, long atNanos) {
    this.story = story;
    this.id = id;
    this.attempt = attempt;
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

  void acknowledge(long nowNanos) {
    acknowledgedNanos = nowNanos;
  }

  boolean wasAcknowledgedBefore(Handout later) {
    return acknowledgedNanos != null && acknowledgedNanos - later.atNanos <= 0;
  }

  boolean hadTimeUntil(Handout later) {
    return later.atNanos - atNanos < story.kind().deadline().toNanos();
  }
}
