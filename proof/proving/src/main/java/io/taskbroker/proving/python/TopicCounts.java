package io.taskbroker.proving.python;

import io.taskbroker.proto.v1.TaskActivation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many records came into the topics, by the name of their task. For any number of threads. */
public final class TopicCounts {
  private final Map<String, Integer> sent = new ConcurrentHashMap<>();
  private final Map<String, Integer> retries = new ConcurrentHashMap<>();
  private final Map<String, Integer> deadLetters = new ConcurrentHashMap<>();

  /** One came into the topic of tasks. */
  public void task(TaskActivation task) {
    count(task.getRetryState().getAttempts() == 0 ? sent : retries, task);
  }

  /** One came into the dead-letter topic. */
  public void deadLetter(TaskActivation task) {
    count(deadLetters, task);
  }

  private static void count(Map<String, Integer> counts, TaskActivation task) {
    counts.merge(task.getTaskname(), 1, Integer::sum);
  }

  int sent(String task) {
    return sent.getOrDefault(task, 0);
  }

  int retries(String task) {
    return retries.getOrDefault(task, 0);
  }

  int deadLetters(String task) {
    return deadLetters.getOrDefault(task, 0);
  }
}
