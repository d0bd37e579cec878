package io.taskbroker.testkit.rules;

import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Wanted;
import java.util.Optional;
import java.util.Set;

/**
 * Rules that a test puts in force, none at first, and a way for demoted activations. Safe for all
 * threads.
 */
public final class InMemoryRules implements RuntimeRules, DemotionRoute {
  /** Where demoted activations go unless a rule says otherwise. */
  public static final String LONG_TOPIC = "taskworker-long";

  private final Publisher publisher;
  private final Set<String> consumedTopics;
  private volatile Rules current = Rules.NONE;
  private volatile ArgumentReader arguments = (_, _) -> Optional.empty();

  /**
   * @param publisher takes what is demoted, whatever the cluster
   * @param consumedTopics topics to which a demotion would only bring everything back
   */
  public InMemoryRules(Publisher publisher, Set<String> consumedTopics) {
    this.publisher = publisher;
    this.consumedTopics = Set.copyOf(consumedTopics);
  }

  /** From here on these rules are in force, and no others. */
  public void set(Rules rules) {
    current = rules;
  }

  /** From here on arguments are read so; at first none can be read. */
  public void readArguments(ArgumentReader reader) {
    arguments = reader;
  }

  /** These rules as a broker wants them. */
  public Rulebook rulebook() {
    return new Rulebook(this, this::read, this);
  }

  private Optional<Arguments> read(byte[] payload, Wanted wanted) {
    return arguments.read(payload, wanted);
  }

  @Override
  public Rules current() {
    return current;
  }

  @Override
  public String topic(Demotion demotion) {
    return demotion.topic() == null ? LONG_TOPIC : demotion.topic();
  }

  @Override
  public Publisher publisher(Demotion demotion) {
    return publisher;
  }

  @Override
  public boolean returnsHere(Demotion demotion) {
    return consumedTopics.contains(topic(demotion));
  }
}
