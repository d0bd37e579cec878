package io.taskbroker.proving.chaos;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What has been broken, and what happened that no fault explains. Safe for all threads. */
final class Incidents {
  private final PrintStream out;
  private final long startNanos = System.nanoTime();
  private final Map<String, Integer> faults = new TreeMap<>();
  private final List<String> unexplained = new ArrayList<>();

  Incidents(PrintStream out) {
    this.out = out;
  }

  /** A fault begins. */
  synchronized void breaks(String what, String fault) {
    faults.merge(fault, 1, Integer::sum);
    say(what + ": " + fault);
  }

  /** Something has happened that must not, whatever is broken. */
  synchronized void unexplained(String what) {
    unexplained.add(what);
    say("not explained: " + what);
  }

  synchronized void say(String line) {
    out.printf(Locale.ROOT, "  %7.2f s  %s%n", (System.nanoTime() - startNanos) / 1e9, line);
    out.flush();
  }

  synchronized int unexplained() {
    return unexplained.size();
  }

  /** How often each fault was played. */
  synchronized String counts() {
    return faults.entrySet().stream()
        .map(fault -> fault.getKey().replace(' ', '_') + "=" + fault.getValue())
        .collect(Collectors.joining(" "));
  }
}
