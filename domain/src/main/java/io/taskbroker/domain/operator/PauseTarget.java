package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks a pause is about. At least one name is given, and a task has to have each name that
 * is given.
 *
 * @param application null for any
 * @param namespace null for any
 * @param taskname null for any
 * @param topic where their records came from; null for any
 */
public record PauseTarget(
    @Nullable String application,
    @Nullable String namespace,
    @Nullable String taskname,
    @Nullable String topic)
    implements Comparable<PauseTarget> {
  private static final Comparator<@Nullable String> NAMES =
      Comparator.nullsFirst(Comparator.naturalOrder());

  private static final Comparator<PauseTarget> ORDER =
      Comparator.comparing(PauseTarget::application, NAMES)
          .thenComparing(PauseTarget::namespace, NAMES)
          .thenComparing(PauseTarget::taskname, NAMES)
          .thenComparing(PauseTarget::topic, NAMES);

  public PauseTarget {
    if (Stream.of(application, namespace, taskname, topic).allMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "a pause needs an application, a namespace, a task or a topic");
    }
  }

  public static PauseTarget ofApplication(String application) {
    return new PauseTarget(application, null, null, null);
  }

  /** For people, such as {@code application 'shop', task 'mail'}. */
  public String words() {
    return Stream.of(
            word("application", application),
            word("namespace", namespace),
            word("task", taskname),
            word("topic", topic))
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", "));
  }

  private static Optional<String> word(String name, @Nullable String value) {
    return Optional.ofNullable(value).map(text -> "%s '%s'".formatted(name, text));
  }

  @Override
  public int compareTo(PauseTarget other) {
    return ORDER.compare(this, other);
  }

  public boolean matches(Activation activation) {
    return (application == null || application.equals(activation.application()))
        && (namespace == null || namespace.equals(activation.namespace()))
        && (taskname == null || taskname.equals(activation.taskname()))
        && (topic == null || topic.equals(activation.partition().topic()));
  }

  /** Whether it is about all tasks of this application. */
  public boolean isAllOf(String name) {
    return name.equals(application) && namespace == null && taskname == null && topic == null;
  }
}
