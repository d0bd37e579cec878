package io.taskbroker.benchmarks.store;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How much is measured, and for how long. */
enum Thoroughness {
  /** Each benchmark once, in this process: shows that it runs, and nothing else. */
  ONCE(1) {
    @Override
    List<Case> cases() {
      return Case.each(1024, 1_000, 64);
    }

    @Override
    OptionsBuilder options() {
      var options = new OptionsBuilder();
      options.forks(0).warmupIterations(0);
      options.measurementIterations(1).measurementTime(TimeValue.milliseconds(1));
      return options;
    }
  },
  QUICK(3) {
    @Override
    List<Case> cases() {
      var cases = new ArrayList<>(Case.each(1024, 1_000, 64));
      cases.add(new Case("lifecycle", 1024, 1_000, 1));
      cases.add(new Case("lifecycle", 1024, 100_000, 64));
      return cases;
    }

    @Override
    OptionsBuilder options() {
      return inFork(3, 3);
    }
  },
  FULL(5) {
    @Override
    List<Case> cases() {
      List<Case> cases = new ArrayList<>();
      for (int payload : new int[] {256, 1024}) {
        for (int backlog : new int[] {1_000, 100_000}) {
          cases.addAll(Case.each(payload, backlog, 64));
          for (String alone : new String[] {"claim", "conclude", "lifecycle"}) {
            cases.add(new Case(alone, payload, backlog, 1));
          }
        }
      }
      return cases;
    }

    @Override
    OptionsBuilder options() {
      return inFork(5, 5);
    }
  };

  /** How often the case is measured that everybody asks for. */
  final int rounds;

  Thoroughness(int rounds) {
    this.rounds = rounds;
  }

  abstract List<Case> cases();

  abstract OptionsBuilder options();

  /** In a process of its own, in seconds. */
  private static OptionsBuilder inFork(int warmup, int measured) {
    var options = new OptionsBuilder();
    options.forks(1).jvmArgsAppend("-Xms1g", "-Xmx1g");
    options.warmupIterations(warmup).warmupTime(TimeValue.seconds(1));
    options.measurementIterations(measured).measurementTime(TimeValue.seconds(1));
    return options;
  }
}
