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
  /** Of tasks with an odd number. Selectors name it. */
  static final String ODD = "odd";

  private static final String EVEN = "even";

  /** The one argument that it is called with. */
  String argument() {
    return argumentOf(root);
  }

  /** What a task of this name is called with, one of two words. */
  static String argumentOf(String root) {
    return (root.charAt(root.length() - 1) - '0') % 2 == 0 ? EVEN : ODD;
  }

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
