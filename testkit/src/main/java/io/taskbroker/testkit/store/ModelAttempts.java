package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.inflight.engine.Attempts;
import io.taskbroker.inflight.engine.FailedDeliveries;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What workers say of attempts at rows of the {@link ModelStore}. */
final class ModelAttempts {
  private final ModelRows rows;
  private final ModelClaims claims;
  private final ModelWorkers workers;
  private final TimeSource time;

  ModelAttempts(ModelRows rows, ModelClaims claims, ModelWorkers workers, TimeSource time) {
    this.rows = rows;
    this.claims = claims;
    this.workers = workers;
    this.time = time;
  }

  Answer tell(News news) {
    ModelRow row = rows.find(news.attempt().id());
    if (row == null) {
      return Answer.UNKNOWN;
    }
    if (isOver(row)) {
      return Answer.ALREADY_OVER;
    }
    if (row.claim != news.attempt().token()) {
      return Answer.SUPERSEDED;
    }
    workers.heard(row);
    return switch (news) {
      case News.Outcome outcome -> conclude(row, outcome);
      case News.HandBack _ -> claims.release(row) ? Answer.RECORDED : Answer.SUPERSEDED;
      case News.Extension(_, Duration by) -> extend(row, by);
    };
  }

  private static boolean isOver(ModelRow row) {
    return row.state instanceof AwaitingRetry
        || row.state instanceof Failed
        || row.state instanceof Completed;
  }

  private Answer conclude(ModelRow row, News.Outcome outcome) {
    rows.move(row, Lifecycle.conclude(row.state, outcome.conclusion()));
    if (row.state instanceof Failed) {
      String earlier = FailedDeliveries.lastOf(row.failedDeliveries);
      String error = outcome.error() == null ? earlier : outcome.error();
      row.failure = new Failure(FailureCause.REPORTED, time.now().wallMs(), error);
    }
    rows.heard(row);
    row.retry = row.retry.and(outcome.retry());
    return Answer.RECORDED;
  }

  private Answer extend(ModelRow row, Duration by) {
    Moment now = time.now();
    Moment wanted = now.plus(least(by, Attempts.LONGEST_EXTENSION));
    Duration pause = row.longestPause;
    Moment limit = row.limit;
    Moment deadline;
    if (pause != null && limit != null) {
      limit = limit.isBefore(wanted) ? wanted : limit;
      deadline = earlier(limit, now.plus(pause));
    } else {
      Moment has =
          row.state instanceof Processing(Moment until)
              ? until
              : now.plus(rows.patience(row.activation));
      deadline = has.isBefore(wanted) ? wanted : has;
    }
    if (Lifecycle.extend(row.state, deadline) instanceof Transition.Moved moved) {
      rows.move(row, moved);
      row.limit = limit;
      row.longestPause = pause;
      return Answer.granted(Duration.ofMillis(deadline.monotonicMs() - now.monotonicMs()));
    }
    return Answer.SUPERSEDED;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Moment earlier(Moment one, Moment other) {
    return other.isBefore(one) ? other : one;
  }

  Holding holding(Attempt attempt, @Nullable Duration longestPause, String worker) {
    ModelRow row = rows.find(attempt.id());
    if (row == null || isOver(row)) {
      return Holding.OVER;
    }
    boolean isWithWorker = row.state instanceof Claimed || row.state instanceof Processing;
    if (row.claim != attempt.token() || !isWithWorker) {
      return Holding.SUPERSEDED;
    }
    workers.holds(worker, row);
    if (longestPause != null) {
      Moment now = time.now();
      Moment known = row.limit;
      Moment limit = known == null ? now.plus(rows.patience(row.activation)) : known;
      rows.move(row, Lifecycle.extend(row.state, earlier(limit, now.plus(longestPause))));
      row.limit = limit;
      row.longestPause = longestPause;
    }
    return Holding.YOURS;
  }
}
