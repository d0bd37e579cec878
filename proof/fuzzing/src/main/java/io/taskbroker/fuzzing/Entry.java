package io.taskbroker.fuzzing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What the fuzzer calls, in a process of its own. */
public final class Entry {
  /** The system property that names the target. */
  static final String TARGET = "taskbroker.fuzz.target";

  /**
   * Of the processor's time, which other programs on the machine do not take. What waits is left to
   * the fuzzer's own limit.
   */
  private static final Duration SLOWEST = Duration.ofSeconds(5);

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** It says of each connection how it ended. Kept here, or its level would be forgotten. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private static final Target CHOSEN = Targets.open(System.getProperty(TARGET, ""));

  private Entry() {}

  /** Called by its name before the first input. What is loaded then is not counted as a hang. */
  public static void fuzzerInitialize() {
    GRPC.setLevel(Level.OFF);
    CHOSEN.seeds().forEach(CHOSEN::give);
  }

  /** Called by its name for each input. */
  public static void fuzzerTestOneInput(byte[] input) {
    long before = THREADS.getCurrentThreadCpuTime();
    CHOSEN.give(input);
    long tookNanos = THREADS.getCurrentThreadCpuTime() - before;
    Finding.unless(tookNanos < SLOWEST.toNanos(), "an input took " + tookNanos / 1_000_000 + " ms");
  }
}
