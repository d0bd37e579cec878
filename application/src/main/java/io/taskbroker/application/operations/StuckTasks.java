package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.domain.operator.Outliers.Repeat;
import io.taskbroker.domain.operator.Outliers.Silence;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Says which applications' workers hang until the deadlines of their tasks, and which single tasks
 * are handed out again and again while workers do report on others. Used by one thread.
 */
public final class StuckTasks {
  /** A silence is over if no further deadline has passed for this long, or for two deadlines. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  private static final String OVER = "no further deadline has passed, or it was reported on";

  private final Stalls stalls;
  private final TimeSource time;
  private final Set<String> named = new TreeSet<>();

  public StuckTasks(Stalls stalls, TimeSource time) {
    this.stalls = stalls;
    this.time = time;
  }

  /** Takes in what stands out now. */
  public void look(Outliers outliers) {
    Map<String, Silence> silent = new LinkedHashMap<>();
    outliers.silent().stream()
        .filter(this::isHang)
        .forEach(silence -> silent.put(silence.application(), silence));
    Map<String, List<Repeat>> circling = new LinkedHashMap<>();
    outliers.repeated().stream()
        .filter(repeat -> !silent.containsKey(repeat.activation().application()))
        .forEach(
            repeat ->
                circling.merge(
                    whatTasks(repeat.activation()), List.of(repeat), StuckTasks::joined));
    Set<String> stuck = new TreeSet<>(circling.keySet());
    silent.keySet().forEach(application -> stuck.add(whatWorkers(application)));
    named.stream()
        .filter(what -> !stuck.contains(what))
        .forEach(what -> stalls.abandon(what, OVER));
    named.retainAll(stuck);
    silent.values().forEach(this::tell);
    circling.forEach(this::tell);
    named.addAll(stuck);
  }

  private boolean isHang(Silence silence) {
    Duration deadlines = Duration.ofSeconds(2L * silence.last().processingDeadlineSec());
    Duration lasts = deadlines.compareTo(FORGOTTEN) > 0 ? deadlines : FORGOTTEN;
    return silence.ofSeveral() && time.now().wallMs() - silence.lastMs() <= lasts.toMillis();
  }

  private static List<Repeat> joined(List<Repeat> first, List<Repeat> next) {
    return Stream.concat(first.stream(), next.stream()).toList();
  }

  private void tell(Silence silence) {
    stalls.begin(
        whatWorkers(silence.application()),
        "%d deadlines have passed since a worker last reported on a task, the first %s ago; the last was of task '%s'"
            .formatted(
                silence.missed(),
                Elapsed.text(
                    Duration.ofMillis(Math.max(0, time.now().wallMs() - silence.sinceMs()))),
                silence.last().taskname()),
        "Look at what the workers hang in, whether they still run, and whether they report to the"
            + " broker that they fetch from; the tasks come back and are handed out again.");
  }

  private void tell(String what, List<Repeat> tasks) {
    Repeat first = tasks.getFirst();
    String others = tasks.size() == 1 ? "" : ", and %d more like it".formatted(tasks.size() - 1);
    stalls.begin(
        what,
        "task '%s' was handed out %d times, and each time its deadline of %d s passed without a report%s"
            .formatted(
                first.activation().id(),
                first.attempts(),
                first.activation().processingDeadlineSec(),
                others),
        "It hangs or kills its worker, or needs more time: look at its arguments, then 'cancel' it"
            + " or have its producer set a longer deadline.");
  }

  /** As a stall calls an application whose workers hang. */
  static String whatWorkers(String application) {
    return "Work of application '%s'".formatted(application);
  }

  /** As a stall calls tasks that are handed out again and again. */
  static String whatTasks(Activation task) {
    return "Task name '%s' of application '%s'".formatted(task.taskname(), task.application());
  }
}
