package io.taskbroker.domain;

/**
 * One partition of a topic.
 *
 * @param number 0 and up; -1 where the origin is not known (rows of an imported file)
 */
public record Partition(String topic, int number) {
  @Override
  public String toString() {
    return topic + "[" + number + "]";
  }
}
