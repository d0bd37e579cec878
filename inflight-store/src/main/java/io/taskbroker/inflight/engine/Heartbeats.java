package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Moment;
import java.time.Duration;

/**
 * Signs of life that a worker has promised to give of an activation. While it has them the
 * activation's deadline is the end of the next pause, but at most {@code limit}.
 *
 * @param limit the processing deadline
 * @param longestPause between two signs of life
 */
record Heartbeats(Moment limit, Duration longestPause) {
  /** By when the next sign of life is due. */
  Moment deadline(Moment now) {
    Moment due = now.plus(longestPause);
    return due.isBefore(limit) ? due : limit;
  }

  /** With a later limit. */
  Heartbeats until(Moment later) {
    return limit.isBefore(later) ? new Heartbeats(later, longestPause) : this;
  }
}
