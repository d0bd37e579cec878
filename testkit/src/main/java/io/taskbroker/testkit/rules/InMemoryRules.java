package io.taskbroker.testkit.rules;

import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.rules.RuleReader;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Wanted;
import java.util.LinkedHashSet;
import java.util.List;
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
  private volatile RuleReader ruleReader = InMemoryRules::names;

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

  /**
   * From here on orders of operators are read so; at first lists of names in brackets are, such as
   * {@code drop_task_killswitch: [mail]}.
   */
  public void readOrders(RuleReader reader) {
    ruleReader = reader;
  }

  private static Rules names(String text) {
    Set<String> dropped = namesBehind("drop_task_killswitch", text);
    Set<String> demoted = namesBehind("demoted_namespaces", text);
    if (dropped.isEmpty() && demoted.isEmpty()) {
      throw new IllegalArgumentException("there is no name in '%s'".formatted(text));
    }
    return new Rules(new KillSwitch(dropped, List.of()), new Demotion(demoted, null, null));
  }

  private static Set<String> namesBehind(String key, String text) {
    Set<String> names = new LinkedHashSet<>();
    int at = text.indexOf(key);
    int begin = at < 0 ? -1 : text.indexOf('[', at);
    int end = begin < 0 ? -1 : text.indexOf(']', begin);
    if (end > 0) {
      for (String name : text.substring(begin + 1, end).split(",", -1)) {
        names.add(name.replace("\"", "").strip());
      }
    }
    names.remove("");
    return names;
  }

  /** These rules as a broker wants them. */
  public Rulebook rulebook() {
    return new Rulebook(this, this::read, this, text -> ruleReader.read(text));
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
