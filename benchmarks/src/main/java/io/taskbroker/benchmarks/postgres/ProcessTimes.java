package io.taskbroker.benchmarks.postgres;

import java.time.Duration;

/**
 * Processor time of a process, in user and system mode together.
 *
 * @param own of all its threads
 * @param endedChildren of its children that have ended, and of theirs
 */
record ProcessTimes(Duration own, Duration endedChildren) {
  /** Linux' USER_HZ is 100 on all machines that have a JDK (time(7)). */
  private static final long TICK_NANOS = 10_000_000;

  /** Places behind the name; proc_pid_stat(5) counts utime as its 14th field. */
  private static final int UTIME = 11;

  private static final int STIME = 12;
  private static final int CUTIME = 13;
  private static final int CSTIME = 14;

  /**
   * @param stat of {@code /proc/PID/stat}
   */
  static ProcessTimes ofStat(String stat) {
    // The name is in parentheses and may hold anything, parentheses and blanks included.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    if (fields.length <= CSTIME) {
      throw new IllegalArgumentException("not a line of /proc/PID/stat: '" + stat + "'");
    }
    return new ProcessTimes(
        ticks(fields[UTIME]).plus(ticks(fields[STIME])),
        ticks(fields[CUTIME]).plus(ticks(fields[CSTIME])));
  }

  private static Duration ticks(String count) {
    return Duration.ofNanos(Long.parseLong(count) * TICK_NANOS);
  }

  /**
   * How long a process of one thread has run: finer than ticks.
   *
   * @param schedstat of {@code /proc/PID/schedstat}
   */
  static Duration ofSchedstat(String schedstat) {
    return Duration.ofNanos(Long.parseLong(schedstat.strip().split(" ", -1)[0]));
  }
}
