package io.taskbroker.simulation.world;

/**
 * A task as its producer wants it.
 *
 * @param root its name, which all of its attempts share
 * @param delaySec 0 for none
 * @param expiresSec 0 for never
 * @param bytes of payload, beside what every task has
 */
public record TaskSpec(
    String root,
    String application,
    String namespace,
    String taskname,
    boolean atMostOnce,
    boolean discards,
    int delaySec,
    int expiresSec,
    int deadlineSec,
    int bytes) {
  @Override
  public String toString() {
    return root
        + " ("
        + (atMostOnce ? "at most once" : "at least once")
        + (discards ? ", discarded when it fails" : "")
        + (delaySec > 0 ? ", delayed by " + delaySec + " s" : "")
        + (expiresSec > 0 ? ", expires after " + expiresSec + " s" : "")
        + ", deadline "
        + deadlineSec
        + " s, "
        + taskname
        + " of "
        + application
        + "/"
        + namespace
        + (bytes > 0 ? ", " + bytes + " bytes" : "")
        + ")";
  }
}
