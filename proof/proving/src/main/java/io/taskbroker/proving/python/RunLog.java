package io.taskbroker.proving.python;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What the tasks wrote about their runs; the head of {@code proving_app.py} says how. */
public final class RunLog {
  private record Task(String name, int number) {}

  private final Map<Task, Integer> runs = new HashMap<>();
  private final Map<Task, Integer> ends = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();

  private RunLog() {}

  /** As it is now; one that is not there has no lines, and a line that is not whole is none yet. */
  public static RunLog read(Path file) {
    try {
      String written = Files.readString(file);
      return of(written.substring(0, written.lastIndexOf('\n') + 1).lines().toList());
    } catch (NoSuchFileException _) {
      return of(List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  static RunLog of(List<String> lines) {
    RunLog log = new RunLog();
    lines.forEach(log::take);
    return log;
  }

  private void take(String line) {
    String[] words = line.split(" ", 4);
    Task task = new Task(words[1], Integer.parseInt(words[2]));
    switch (words[0]) {
      case "ran" -> runs.merge(task, 1, Integer::sum);
      case "done" -> ends.merge(task, 1, Integer::sum);
      default -> complaints.add(line);
    }
  }

  public int runs(String task, int number) {
    return runs.getOrDefault(new Task(task, number), 0);
  }

  /** Runs that came to their end. */
  public int ends(String task, int number) {
    return ends.getOrDefault(new Task(task, number), 0);
  }

  public int runs(String task) {
    return sum(runs, task);
  }

  public int ends(String task) {
    return sum(ends, task);
  }

  private static int sum(Map<Task, Integer> counts, String task) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(task))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /**
   * How many of the tasks that were sent have ended, were lost, or ran twice or more.
   *
   * @param sent their labels are 0 and up
   */
  String summary(String task, int sent) {
    long done = IntStream.range(0, sent).filter(number -> ends(task, number) > 0).count();
    long twice = IntStream.range(0, sent).filter(number -> runs(task, number) > 1).count();
    return "sent=%d done=%d lost=%d twice=%d".formatted(sent, done, sent - done, twice);
  }

  /** What tasks found wrong with themselves. */
  public List<String> complaints() {
    return complaints;
  }
}
