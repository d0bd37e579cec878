package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.testkit.Activations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How tasks end, by their names. */
class TaskCountsTest {
  private final Meters meters = new Meters();
  private final TaskCounts counts = new TaskCounts(meters);
  private final Told told = new Told();

  /** What is told, as lines. */
  private static final class Told implements StatsdSink {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void count(String name, long delta, Tags tags) {
      lines.add(name + " " + delta + " " + String.join(" ", tags.forStatsd()));
    }

    @Override
    public void gauge(String name, double value, Tags tags) {}

    @Override
    public void histogram(String name, double value, long times, Tags tags) {
      lines.add("%s %d times %.0f".formatted(name, times, value));
    }
  }

  private static EndedTask ended(String taskname, Ending ending) {
    return new EndedTask(
        1,
        Activations.pending("a").taskname(taskname).build(),
        ending,
        0,
        1_000,
        1_020,
        null,
        null);
  }

  private List<String> flushed() {
    counts.sumUp();
    told.lines.clear();
    meters.flush(told);
    return told.lines;
  }

  @Test
  void outcomesAndRuntimes_areCountedByName() {
    counts.ended(List.of(ended("mail", Ending.COMPLETED), ended("mail", Ending.COMPLETED)));
    counts.ended(List.of(ended("mail", Ending.DISCARDED)));

    assertThat(flushed())
        .anySatisfy(
            line -> assertThat(line).startsWith("task.outcome 2 ").contains("mail", "completed"))
        .anySatisfy(
            line -> assertThat(line).startsWith("task.outcome 1 ").contains("mail", "discarded"))
        .anySatisfy(line -> assertThat(line).startsWith("task.runtime 2 times 2"))
        .hasSize(3);
  }

  @Test
  void aNameThatComesOften_findsRoomBeforeThoseThatComeOnce() {
    List<EndedTask> tasks = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      tasks.add(ended("once-" + i, Ending.COMPLETED));
    }
    tasks.addAll(Collections.nCopies(10, ended("often", Ending.COMPLETED)));
    counts.ended(tasks);

    assertThat(flushed())
        .anySatisfy(line -> assertThat(line).startsWith("task.outcome 10 ").contains("often"));
  }

  @Test
  void aNameThatComesOften_findsRoomSoon_afterManyThatCameOnce() {
    List<EndedTask> tasks = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      tasks.add(ended("once-" + i, Ending.COMPLETED));
    }
    counts.ended(tasks);
    flushed();
    for (int second = 0; second <= Room.BUSY_FLUSHES; second++) {
      counts.ended(List.of(ended("often", Ending.COMPLETED)));
      flushed();
    }

    counts.ended(List.of(ended("often", Ending.COMPLETED)));

    assertThat(flushed())
        .anySatisfy(line -> assertThat(line).startsWith("task.outcome 1 ").contains("often"));
  }
}
