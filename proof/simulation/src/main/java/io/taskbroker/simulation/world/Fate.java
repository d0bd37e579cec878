package io.taskbroker.simulation.world;

import java.util.Map;
import java.util.TreeMap;

/** What the world knows of one task, in all of its attempts. */
final class Fate {
  final TaskSpec spec;
  final long producedNanos;

  /** How many records of each attempt there are in the topic of tasks. */
  final Map<Integer, Integer> records = new TreeMap<>();

  /** How often each attempt has reached a worker. */
  final Map<Integer, Integer> hands = new TreeMap<>();

  /** Ids of attempts whose completion was taken, with how often the server had crashed before. */
  final Map<String, Integer> completed = new TreeMap<>();

  /** Reports of its completion that no broker has answered; they may have been taken. */
  int openReports;

  boolean failureReported;

  /** An operator may have ended it. */
  boolean cancelled;

  boolean uncertain;

  /** Deliveries that broke off; after as many as it may have attempts nobody can take it. */
  int brokenDeliveries;

  int deadLetters;
  int demotions;

  /** Demoted copies in Kafka whose acknowledgement no broker has seen yet. */
  int untoldDemotions;

  Fate(TaskSpec spec, long producedNanos) {
    this.spec = spec;
    this.producedNanos = producedNanos;
  }

  boolean wasHanded() {
    return !hands.isEmpty();
  }
}
