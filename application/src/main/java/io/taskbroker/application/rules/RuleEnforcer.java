package io.taskbroker.application.rules;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the rules to what is stored already, in turns of one loop. What arrives is judged by
 * intake. So the store is looked through for a kill switch once when it is new, and once more
 * whenever rows have come in that had been judged before.
 */
public final class RuleEnforcer {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  /** Rows per step of the store. */
  private static final int STEP = 1_000;

  private final RulesStore store;
  private final RuntimeRules rules;
  private final ArgumentReader arguments;
  private final Predicate<Demotion> wouldLoop;
  private final Latecomers latecomers;
  private final TimeSource time;
  private final RulesMetrics metrics;
  private KillSwitch known = KillSwitch.OFF;
  private boolean isDue;

  /**
   * @param wouldLoop whether what is demoted would come straight back to this broker
   * @param latecomers whom intake tells of what it stored too late for the first look
   */
  public RuleEnforcer(
      RulesStore store,
      RuntimeRules rules,
      ArgumentReader arguments,
      Predicate<Demotion> wouldLoop,
      Latecomers latecomers,
      TimeSource time,
      RulesMetrics metrics) {
    this.store = store;
    this.rules = rules;
    this.arguments = arguments;
    this.wouldLoop = wouldLoop;
    this.latecomers = latecomers;
    this.time = time;
    this.metrics = metrics;
  }

  /** Applies what has to be applied now; how many rows were dropped or sent off. */
  public int turn() {
    Rules now = rules.current();
    return kill(now.killSwitch()) + demote(now.demotion());
  }

  private int kill(KillSwitch killSwitch) {
    boolean isNew = !killSwitch.equals(known);
    boolean isOvertaken = latecomers.take();
    known = killSwitch;
    isDue = !killSwitch.isOff() && (isDue || isNew || isOvertaken);
    if (!isDue) {
      return 0;
    }
    long began = time.nanos();
    int dropped = killSwitch.tasknames().isEmpty() ? 0 : drop(store.keysOf(killSwitch.tasknames()));
    Set<String> selected =
        killSwitch.selectors().stream().map(Selector::taskname).collect(Collectors.toSet());
    for (String taskname : selected) {
      dropped += dropSelected(killSwitch, taskname);
    }
    isDue = false; // not before: a store that is not available is looked through at the next turn
    metrics.killed(dropped, time.nanos() - began);
    if (dropped > 0) {
      LOG.info("{} stored activations were dropped by kill switches", dropped);
    }
    return dropped;
  }

  private int dropSelected(KillSwitch killSwitch, String taskname) {
    List<Long> keys = store.keysOf(Set.of(taskname));
    int dropped = 0;
    int looked = 0;
    while (looked < keys.size()) {
      RulesStore.Payloads payloads =
          store.payloadsOf(keys.subList(looked, Math.min(keys.size(), looked + STEP)));
      List<Long> named =
          payloads.byKey().entrySet().stream()
              .filter(row -> isNamed(killSwitch, taskname, row.getValue()))
              .map(Map.Entry::getKey)
              .toList();
      dropped += drop(named);
      looked += payloads.rows();
    }
    return dropped;
  }

  private boolean isNamed(KillSwitch killSwitch, String taskname, byte[] payload) {
    return killSwitch.judge(taskname, () -> arguments.read(payload)) != KillSwitch.Match.NONE;
  }

  private int drop(List<Long> keys) {
    int dropped = 0;
    for (List<Long> step : steps(keys)) {
      dropped += store.drop(step);
    }
    return dropped;
  }

  private int demote(Demotion demotion) {
    if (demotion.namespaces().isEmpty() || wouldLoop.test(demotion)) {
      return 0;
    }
    long began = time.nanos();
    int demoted = 0;
    int step;
    do {
      step = store.demote(demotion.namespaces(), STEP);
      demoted += step;
    } while (step == STEP);
    metrics.demoted(demoted, time.nanos() - began);
    return demoted;
  }

  private static List<List<Long>> steps(List<Long> keys) {
    List<List<Long>> steps = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += STEP) {
      steps.add(keys.subList(from, Math.min(keys.size(), from + STEP)));
    }
    return steps;
  }
}
