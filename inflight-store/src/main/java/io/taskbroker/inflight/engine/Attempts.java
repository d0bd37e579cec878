package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What workers say of attempts that they name by token. Words about any attempt but the latest
 * change nothing.
 */
public final class Attempts {
  /** What one extension can add; a worker may ask again. */
  public static final Duration LONGEST_EXTENSION = Duration.ofHours(1);

  private final Rows rows;
  private final Claims claims;
  private final EngineSettings settings;

  Attempts(Rows rows, Claims claims, EngineSettings settings) {
    this.rows = rows;
    this.claims = claims;
    this.settings = settings;
  }

  /** Takes in what a worker says of one attempt. */
  public Answer tell(News news, Moment now) {
    rows.indexes.at(now);
    Row row = rows.find(news.attempt().id());
    if (row == null) {
      return Answer.UNKNOWN;
    }
    if (row.isOver()) {
      return Answer.ALREADY_OVER;
    }
    if (row.token != news.attempt().token()) {
      return Answer.SUPERSEDED;
    }
    WorkerTable.heard(row, now);
    return switch (news) {
      case News.Outcome outcome -> conclude(row, outcome, now);
      case News.HandBack _ -> claims.release(row) ? Answer.RECORDED : Answer.SUPERSEDED;
      case News.Extension extension -> extend(row, extension.by(), now);
    };
  }

  /** Its deadline may be over; as long as nobody else has it, the outcome counts. */
  private Answer conclude(Row row, News.Outcome outcome, Moment now) {
    String error = outcome.error();
    rows.move(
        row,
        Lifecycle.conclude(row.state, outcome.conclusion()),
        new Failure(
            FailureCause.REPORTED,
            now.wallMs(),
            error == null ? FailedDeliveries.lastOf(row.failedDeliveries) : error));
    rows.reported(row);
    rows.note(row, concluded -> concluded.retry = concluded.retry.and(outcome.retry()));
    return Answer.RECORDED;
  }

  private Answer extend(Row row, Duration by, Moment now) {
    Moment wanted = now.plus(by.compareTo(LONGEST_EXTENSION) < 0 ? by : LONGEST_EXTENSION);
    Heartbeats kept = row.heartbeats == null ? null : row.heartbeats.until(wanted);
    Moment deadline = kept == null ? later(deadlineOf(row, now), wanted) : kept.deadline(now);
    Transition transition = Lifecycle.extend(row.state, deadline);
    if (transition instanceof Transition.Ignored) {
      return Answer.SUPERSEDED;
    }
    rows.change(
        row,
        extended -> {
          extended.follow(transition);
          extended.heartbeats = kept;
        });
    return Answer.granted(Duration.ofMillis(deadline.monotonicMs() - now.monotonicMs()));
  }

  /** What a push that has arrived would have is what its worker has. */
  private Moment deadlineOf(Row row, Moment now) {
    return row.state instanceof Processing(Moment deadline)
        ? deadline
        : now.plus(settings.patience(row.activation));
  }

  private static Moment later(Moment one, Moment other) {
    return one.isBefore(other) ? other : one;
  }

  /**
   * How an attempt stands that a worker believes to have. One that goes on is with the worker, who
   * promises signs of life from now on if {@code longestPause} is not null.
   *
   * @param worker who it is, for people; empty if nobody knows
   */
  public Holding holding(
      Attempt attempt, @Nullable Duration longestPause, String worker, Moment now) {
    rows.indexes.at(now);
    Row row = rows.find(attempt.id());
    if (row == null || row.isOver()) {
      return Holding.OVER;
    }
    if (row.token != attempt.token() || !row.isWithWorker()) {
      return Holding.SUPERSEDED;
    }
    WorkerTable.Worker holder = rows.indexes.workers.holds(worker, now);
    if (holder != null && holder != row.handedTo) { // it has come back on another connection
      rows.change(row, held -> held.handedTo = holder);
    }
    if (longestPause != null) {
      beginToBeat(row, longestPause, now);
    }
    return Holding.YOURS;
  }

  private void beginToBeat(Row row, Duration longestPause, Moment now) {
    Heartbeats before = row.heartbeats;
    Moment limit = before == null ? now.plus(settings.patience(row.activation)) : before.limit();
    Heartbeats promised = new Heartbeats(limit, longestPause);
    Transition transition = Lifecycle.extend(row.state, promised.deadline(now));
    rows.change(
        row,
        beating -> {
          beating.follow(transition);
          beating.heartbeats = promised;
        });
  }
}
