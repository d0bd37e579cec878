package io.taskbroker.application.broker;

/**
 * What has passed through this process since it started.
 *
 * @param received tasks that were stored
 * @param ended tasks that are over here, whatever became of them; the others below among them
 * @param retried left as new tasks of the retry topic
 * @param deadLettered left for the dead-letter topic
 * @param discarded failed, and their producer did not want the remains
 * @param expired were dropped or failed since nobody had begun them in time
 * @param deadlinesMissed times that a worker let its deadline pass
 */
public record Flow(
    long received,
    long ended,
    long retried,
    long deadLettered,
    long discarded,
    long expired,
    long deadlinesMissed) {
  public static final Flow NONE = new Flow(0, 0, 0, 0, 0, 0, 0);
}
