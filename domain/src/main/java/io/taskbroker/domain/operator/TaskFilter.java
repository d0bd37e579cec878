package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Status;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks are looked for: those to which all apply that is given.
 *
 * @param application null for any
 * @param namespace null for any
 * @param taskname null for any
 * @param status null for any that is not over
 * @param idPart what the id has to contain; null for any
 * @param receivedBeforeMs when it was produced at the latest, Unix milliseconds, this one excluded;
 *     null for any time
 */
public record TaskFilter(
    @Nullable String application,
    @Nullable String namespace,
    @Nullable String taskname,
    @Nullable Status status,
    @Nullable String idPart,
    @Nullable Long receivedBeforeMs) {
  /** All that are not over. */
  public static final TaskFilter ANY = new TaskFilter(null, null, null, null, null);

  /** Of any age. */
  public TaskFilter(
      @Nullable String application,
      @Nullable String namespace,
      @Nullable String taskname,
      @Nullable Status status,
      @Nullable String idPart) {
    this(application, namespace, taskname, status, idPart, null);
  }

  /** For people, such as {@code tasks with application 'shop'}. */
  public String words() {
    String words =
        Stream.of(
                word("application", application),
                word("namespace", namespace),
                word("task", taskname),
                word("state", status == null ? null : status.text()),
                word("id part", idPart),
                word(
                    "received before",
                    receivedBeforeMs == null
                        ? null
                        : Instant.ofEpochMilli(receivedBeforeMs).toString()))
            .flatMap(Optional::stream)
            .collect(Collectors.joining(", "));
    return words.isEmpty() ? "all tasks" : "tasks with " + words;
  }

  private static Optional<String> word(String name, @Nullable String value) {
    return Optional.ofNullable(value).map(text -> "%s '%s'".formatted(name, text));
  }

  public boolean matches(Activation activation, Status standing) {
    return (status == null ? standing != Status.COMPLETE : status == standing)
        && matchesNames(activation);
  }

  /** Whether all but the status applies. */
  public boolean matchesNames(Activation activation) {
    return !activation.isBadRecord()
        && (application == null || application.equals(activation.application()))
        && (namespace == null || namespace.equals(activation.namespace()))
        && (taskname == null || taskname.equals(activation.taskname()))
        && (idPart == null || activation.id().contains(idPart))
        && (receivedBeforeMs == null || activation.receivedAtMs() < receivedBeforeMs);
  }
}
