package io.taskbroker.application.rules;

import io.taskbroker.application.Defects;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One walk of a kill switch over what is stored, in steps of bounded length. A step that failed is
 * taken again. Used by one thread.
 */
final class KillSearch {
  private final KillSwitch killSwitch;
  private final RulesStore store;
  private final ArgumentReader arguments;
  private final Defects defects;
  private final Set<String> named;

  /** Found, and to be judged by their arguments. */
  private final Deque<Suspect> suspects = new ArrayDeque<>();

  private long last;
  private boolean isAllSeen;
  private int dropped;

  private record Suspect(long key, String taskname) {}

  /**
   * @param killSwitch that is not off
   * @param defects told of tasks that cannot be judged
   */
  KillSearch(KillSwitch killSwitch, RulesStore store, ArgumentReader arguments, Defects defects) {
    this.defects = defects;
    this.killSwitch = killSwitch;
    this.store = store;
    this.arguments = arguments;
    this.named = new LinkedHashSet<>(killSwitch.tasknames());
    for (Selector selector : killSwitch.selectors()) {
      named.add(selector.taskname());
    }
  }

  boolean isOver() {
    return isAllSeen && suspects.isEmpty();
  }

  /** How many rows all steps have dropped. */
  int dropped() {
    return dropped;
  }

  /** Takes one more step; how many rows were dropped. Not to be called once it is over. */
  int step() {
    int rows = suspects.isEmpty() ? look() : judgeSome();
    dropped += rows;
    return rows;
  }

  private int look() {
    Found found = store.find(named, last);
    List<Long> doomed = new ArrayList<>();
    List<Suspect> toJudge = new ArrayList<>();
    found
        .tasknames()
        .forEach(
            (key, taskname) -> {
              if (killSwitch.tasknames().contains(taskname)) {
                doomed.add(key);
              } else {
                toJudge.add(new Suspect(key, taskname));
              }
            });
    int rows = drop(doomed);
    suspects.addAll(toJudge);
    last = found.last();
    isAllSeen = found.isLast();
    return rows;
  }

  private int judgeSome() {
    List<Long> keys = suspects.stream().map(Suspect::key).toList();
    RulesStore.Payloads payloads = store.payloadsOf(keys);
    List<Long> doomed = new ArrayList<>();
    for (Suspect suspect : suspects.stream().limit(payloads.rows()).toList()) {
      byte[] payload = payloads.byKey().get(suspect.key());
      if (payload != null && isNamed(suspect.taskname(), payload)) {
        doomed.add(suspect.key());
      }
    }
    int rows = drop(doomed);
    for (int i = 0; i < payloads.rows(); i++) {
      suspects.remove();
    }
    return rows;
  }

  /** One that cannot be judged stays: it is judged once more before it is handed out. */
  private boolean isNamed(String taskname, byte[] payload) {
    try {
      return killSwitch.judge(taskname, wanted -> arguments.read(payload, wanted))
          != KillSwitch.Match.NONE;
    } catch (RuntimeException e) {
      defects.accept(e);
      return false;
    }
  }

  private int drop(List<Long> some) {
    return some.isEmpty() ? 0 : store.drop(some);
  }
}
