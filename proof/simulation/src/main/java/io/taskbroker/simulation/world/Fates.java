package io.taskbroker.simulation.world;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of every task and of every bad record, and what may explain its end. */
final class Fates {
  private final RulesEver rulesEver;
  private final LostGroups lostGroups;
  private final Map<String, Fate> tasks = new TreeMap<>();

  /** Dead letters of each bad record. */
  private final Map<String, Integer> badRecords = new TreeMap<>();

  private final Set<String> faultyRoots = new HashSet<>();
  private boolean disturbed;

  Fates(RulesEver rulesEver, LostGroups lostGroups) {
    this.rulesEver = rulesEver;
    this.lostGroups = lostGroups;
  }

  void produced(TaskSpec spec, long nowNanos) {
    tasks.putIfAbsent(spec.root(), new Fate(spec, nowNanos));
  }

  void producedBad(String name) {
    badRecords.putIfAbsent(name, 0);
  }

  void buriedBad(String name) {
    badRecords.computeIfPresent(name, (_, letters) -> letters + 1);
  }

  /** Whether it has a dead letter, or is no bad record of ours. */
  boolean isBuriedBad(String name) {
    return badRecords.getOrDefault(name, 1) > 0;
  }

  /** Null for a name that nobody has produced. */
  @Nullable Fate of(String root) {
    return tasks.get(root);
  }

  /** The task's row cannot be read, written or encoded for a while. */
  void faulty(String root) {
    faultyRoots.add(root);
  }

  boolean isFaulty(Fate fate) {
    return faultyRoots.contains(fate.spec.root());
  }

  boolean hasFaulty() {
    return !faultyRoots.isEmpty();
  }

  /** A process has forgotten what it knew and had not written. */
  void disturbed() {
    disturbed = true;
  }

  boolean isDisturbed() {
    return disturbed;
  }

  /** Whether a rule, an operator or its expiry may have ended the task without a trace. */
  boolean isDropped(Fate fate) {
    return rulesEver.kills(fate.spec) || fate.cancelled || fate.spec.expiresSec() > 0;
  }

  // ---------------------------------------------------------------- the end

  /** Tasks without an end so far. */
  List<String> unended() {
    return tasks.values().stream()
        .filter(fate -> !hasEnded(fate))
        .map(fate -> fate.spec.root())
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Bad records without a dead letter so far. */
  List<String> unburied() {
    return badRecords.keySet().stream().filter(name -> !isBuriedBad(name)).toList();
  }

  private boolean hasEnded(Fate fate) {
    boolean completed =
        fate.completed.entrySet().stream()
            .anyMatch(one -> !lostGroups.hasReopened(one.getKey(), one.getValue()));
    if (completed || fate.openReports > 0 || fate.deadLetters > 0 || fate.demotions > 0) {
      return true;
    }
    if (isDropped(fate)) {
      return true;
    }
    return fate.spec.discards()
        && (fate.failureReported || fate.wasHanded() || fate.uncertain || disturbed);
  }
}
