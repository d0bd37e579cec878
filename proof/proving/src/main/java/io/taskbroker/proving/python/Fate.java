package io.taskbroker.proving.python;

import java.util.ArrayList;
import java.util.List;

/**
 * What has to become of all tasks of one name.
 *
 * @param task its name in {@code proving_app.py}
 * @param tasks how many are sent
 * @param promise in words
 * @param runs of each
 * @param ends runs of each that came to their end
 * @param retries of each, as new records of the topic
 * @param deadLetters of each
 */
public record Fate(
    String task, int tasks, String promise, Range runs, Range ends, int retries, int deadLetters) {
  /** Both included. */
  public record Range(int least, int most) {
    public static Range exactly(int number) {
      return new Range(number, number);
    }

    boolean has(int number) {
      return least <= number && number <= most;
    }

    @Override
    public String toString() {
      if (least == most) {
        return Integer.toString(least);
      }
      return most == Integer.MAX_VALUE ? least + "+" : least + " to " + most;
    }
  }

  /** Runs and ends so often, and is neither retried nor a dead letter. */
  public static Fate of(String task, int tasks, String promise, Range runs, Range ends) {
    return new Fate(task, tasks, promise, runs, ends, 0, 0);
  }

  public Fate retriedTimes(int retriesOfEach) {
    return new Fate(task, tasks, promise, runs, ends, retriesOfEach, deadLetters);
  }

  public Fate thenDeadLetter() {
    return new Fate(task, tasks, promise, runs, ends, retries, 1);
  }

  /** How many records of them have to leave the broker through Kafka. */
  public int published() {
    return tasks * (retries + deadLetters);
  }

  /** What is not as promised, a line each; of its tasks the first three that are not. */
  public List<String> complaints(RunLog log, TopicCounts counts) {
    List<String> complaints = new ArrayList<>();
    check(complaints, "sent", tasks, counts.sent(task));
    check(complaints, "retries", tasks * retries, counts.retries(task));
    check(complaints, "dead letters", tasks * deadLetters, counts.deadLetters(task));
    for (int i = 0; i < tasks && complaints.size() < 3; i++) {
      int ran = log.runs(task, i);
      int ended = log.ends(task, i);
      if (!runs.has(ran)) {
        complaints.add("%s %d should run %s times, has run %d times".formatted(task, i, runs, ran));
      }
      if (!ends.has(ended)) {
        complaints.add(
            "%s %d should end %s times, has ended %d times".formatted(task, i, ends, ended));
      }
    }
    return complaints;
  }

  private void check(List<String> complaints, String what, int expected, int actual) {
    if (expected != actual) {
      complaints.add("%s of %s should be %d, are %d".formatted(what, task, expected, actual));
    }
  }

  /** The promise, and what was seen. */
  public String line(RunLog log, TopicCounts counts) {
    return "%-14s %-62s sent=%d runs=%d ended=%d retries=%d dead_letters=%d"
        .formatted(
            task,
            promise,
            counts.sent(task),
            log.runs(task),
            log.ends(task),
            counts.retries(task),
            counts.deadLetters(task));
  }
}
