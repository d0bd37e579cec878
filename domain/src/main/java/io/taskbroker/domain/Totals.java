package io.taskbroker.domain;

/**
 * What has happened since the engine was made.
 *
 * @param finished rows that have become {@code Completed}
 * @param overtaken at-most-once rows that failed because another broker may have run them
 * @param uncertain at-most-once rows that failed because Kafka may have their retry or demoted copy
 * @param killed rows that a kill switch dropped when they were about to be handed out; in {@code
 *     finished}, too
 * @param delaysEnded rows that have become pending as their delay was over
 */
public record Totals(long finished, long overtaken, long uncertain, long killed, long delaysEnded) {
  public static final Totals ZERO = new Totals(0, 0, 0, 0, 0);

  public Totals plus(Totals other) {
    return new Totals(
        finished + other.finished,
        overtaken + other.overtaken,
        uncertain + other.uncertain,
        killed + other.killed,
        delaysEnded + other.delaysEnded);
  }

  public Totals minus(Totals other) {
    return new Totals(
        finished - other.finished,
        overtaken - other.overtaken,
        uncertain - other.uncertain,
        killed - other.killed,
        delaysEnded - other.delaysEnded);
  }
}
