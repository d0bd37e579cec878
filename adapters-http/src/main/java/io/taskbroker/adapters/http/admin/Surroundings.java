package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.operations.LogLevels;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.application.operations.TopicsInSight;
import io.taskbroker.application.rules.RulesOrigin;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What operators see besides the broker itself.
 *
 * @param letters empty if dead letters are not shown here; the caller closes it
 * @param topics of Kafka; the caller closes them
 * @param rules where those in force come from
 * @param configuration with which the broker was started
 * @param logs what is logged
 * @param reader shows what producers wrote into tasks
 * @param version of the program
 */
public record Surroundings(
    Optional<DeadLetterDesk> letters,
    TopicsInSight topics,
    Supplier<RulesOrigin> rules,
    List<ShownSetting> configuration,
    LogLevels logs,
    TaskReader reader,
    String version) {
  public Surroundings {
    configuration = List.copyOf(configuration);
  }

  /** Nothing but tasks is shown. */
  public static Surroundings of(TaskReader reader, String version) {
    return new Surroundings(
        Optional.empty(),
        List::of,
        () -> RulesOrigin.NONE,
        List.of(),
        LogLevels.FIXED,
        reader,
        version);
  }

  /** The same, with dead letters. */
  public Surroundings with(DeadLetterDesk desk) {
    return new Surroundings(Optional.of(desk), topics, rules, configuration, logs, reader, version);
  }
}
