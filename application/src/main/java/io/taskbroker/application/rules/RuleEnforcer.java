package io.taskbroker.application.rules;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the rules to what is stored already, in turns of one loop. What arrives is judged by
 * intake, and what is handed out is judged once more. So looking through the store for a new kill
 * switch is only cleaning up.
 */
public final class RuleEnforcer {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  /** Rows that are demoted in one turn. */
  private static final int STEP = 1_000;

  private final RulesStore store;
  private final RuntimeRules rules;
  private final ArgumentReader arguments;
  private final Predicate<Demotion> wouldLoop;
  private final TimeSource time;
  private final EventSink<RulesEvent> metrics;
  private final Defects defects;
  private KillSwitch known = KillSwitch.OFF;

  private @Nullable KillSearch search;

  /** For how long the search has looked. */
  private long nanos;

  /**
   * @param wouldLoop whether what is demoted would come straight back to this broker
   */
  public RuleEnforcer(
      RulesStore store,
      RuntimeRules rules,
      ArgumentReader arguments,
      Predicate<Demotion> wouldLoop,
      TimeSource time,
      EventSink<RulesEvent> metrics) {
    this.store = store;
    this.rules = rules;
    this.arguments = arguments;
    this.wouldLoop = wouldLoop;
    this.time = time;
    this.metrics = metrics;
    this.defects =
        new Defects("a kill switch could not be applied to a stored task, which stays", time);
  }

  /**
   * Applies a bounded piece of what has to be applied now: how many rows were dropped or sent off,
   * and at least 1 while there is more to look at.
   */
  public int turn() {
    Rules now = rules.current();
    int dropped = kill(now.killSwitch());
    // What has to go altogether must not leave by the other way before.
    return search == null ? dropped + demote(now.demotion()) : Math.max(1, dropped);
  }

  private int kill(KillSwitch killSwitch) {
    if (!killSwitch.equals(known)) {
      store.kill(killSwitch.tasknames());
      known = killSwitch;
      search = killSwitch.isOff() ? null : new KillSearch(killSwitch, store, arguments, defects);
      nanos = 0;
    }
    return search == null ? 0 : step(search);
  }

  private int step(KillSearch current) {
    long began = time.nanos();
    int rows = current.step();
    nanos += time.nanos() - began;
    if (current.isOver()) {
      search = null;
      metrics.count(new RulesEvent.Killed(current.dropped(), Duration.ofNanos(nanos)));
      if (current.dropped() > 0) {
        LOG.info("{} stored activations were dropped by kill switches", current.dropped());
      }
    }
    return rows;
  }

  private int demote(Demotion demotion) {
    if (demotion.namespaces().isEmpty() || wouldLoop.test(demotion)) {
      return 0;
    }
    long began = time.nanos();
    int demoted = store.demote(demotion.namespaces(), STEP);
    metrics.count(new RulesEvent.Demoted(demoted, Duration.ofNanos(time.nanos() - began)));
    return demoted;
  }
}
