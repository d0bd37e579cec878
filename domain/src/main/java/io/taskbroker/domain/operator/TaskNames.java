package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import java.util.Comparator;

/** Which kind of task; ordered by application, then namespace, then task. */
public record TaskNames(String application, String namespace, String taskname)
    implements Comparable<TaskNames> {
  private static final Comparator<TaskNames> ORDER =
      Comparator.comparing(TaskNames::application)
          .thenComparing(TaskNames::namespace)
          .thenComparing(TaskNames::taskname);

  public static TaskNames of(Activation activation) {
    return new TaskNames(activation.application(), activation.namespace(), activation.taskname());
  }

  @Override
  public int compareTo(TaskNames other) {
    return ORDER.compare(this, other);
  }
}
