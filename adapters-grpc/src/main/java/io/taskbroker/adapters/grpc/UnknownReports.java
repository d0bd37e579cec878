package io.taskbroker.adapters.grpc;

import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log, now and then, of reports on tasks that are not stored here. Workers are
 * answered OK, as they could do nothing about it. Safe for all threads.
 */
final class UnknownReports {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  private final Sparsely lines;

  UnknownReports(TimeSource time) {
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /**
   * Counts such reports.
   *
   * @param lastId the task of the last one
   */
  void count(long reports, String lastId) {
    long unknown = reports == 0 ? 0 : lines.count(reports);
    if (unknown > 0) {
      LOG.warn(
          "{} reports were on tasks that are not stored here, the last on {}: they were finished"
              + " already, as after a deadline, or the workers report to another broker than they"
              + " have them from",
          unknown,
          Reports.quoted(lastId));
    }
  }
}
