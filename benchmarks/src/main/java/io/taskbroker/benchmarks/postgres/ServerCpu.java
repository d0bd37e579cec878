package io.taskbroker.benchmarks.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Processor time of a server of Postgres: of its main process, its sessions and its background
 * processes, those that have ended included.
 */
final class ServerCpu {
  private final ProcessHandle main;

  /**
   * @param main the process whose children all others are
   */
  ServerCpu(ProcessHandle main) {
    this.main = main;
  }

  /** All that was used since the server was started. */
  Duration used() {
    Duration used = Duration.ZERO;
    for (ProcessHandle child : main.children().toList()) {
      used = used.plus(ofLiving(child));
    }
    ProcessTimes times = times(main.pid());
    return used.plus(times.own()).plus(times.endedChildren());
  }

  /** A process of Postgres has one thread. Zero if it has ended just now: its parent tells then. */
  private static Duration ofLiving(ProcessHandle process) {
    try {
      return ProcessTimes.ofSchedstat(Files.readString(file(process.pid(), "schedstat")));
    } catch (IOException _) {
      return Duration.ZERO;
    }
  }

  private static ProcessTimes times(long pid) {
    try {
      return ProcessTimes.ofStat(Files.readString(file(pid, "stat")));
    } catch (IOException e) {
      throw new UncheckedIOException("the server does not run", e);
    }
  }

  private static Path file(long pid, String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }
}
