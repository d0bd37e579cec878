package io.taskbroker.adapters.grpc;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.Extension;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.Verdict;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What workers say of attempts, from the wire's words into ours, and the answers back. */
final class AttemptWords {
  /** More cannot be granted, however much is asked for. */
  private static final long MOST_MILLIS = Duration.ofDays(1).toMillis();

  private AttemptWords() {}

  private static News of(io.taskbroker.proto.exchange.v1.Attempt handedBack) {
    return new News.HandBack(new Attempt(handedBack.getId(), handedBack.getToken()));
  }

  private static News of(Extension extension) {
    long millis = extension.getForMillis();
    boolean isSmall = Long.compareUnsigned(millis, MOST_MILLIS) < 0;
    return new News.Extension(
        new Attempt(extension.getId(), extension.getToken()),
        Duration.ofMillis(isSmall ? millis : MOST_MILLIS));
  }

  static List<News> of(HandBackRequest handedBack) {
    return handedBack.getAttemptsList().stream().map(AttemptWords::of).toList();
  }

  static List<News> of(ExtendRequest extended) {
    return extended.getExtensionsList().stream().map(AttemptWords::of).toList();
  }

  /** Why these break the rules, in a sentence for the worker; null if they do not. */
  static @Nullable String objection(Outcomes outcomes) {
    for (Outcome one : outcomes.getOutcomesList()) {
      switch (one.getStatus()) {
        case OUTCOME_STATUS_COMPLETE, OUTCOME_STATUS_FAILURE, OUTCOME_STATUS_RETRY -> {}
        case OUTCOME_STATUS_UNSPECIFIED, UNRECOGNIZED -> {
          return "An outcome has to be 1 (complete), 2 (failure) or 3 (retry), and was "
              + one.getStatusValue();
        }
      }
    }
    return null;
  }

  /** Those that have no {@link #objection}. */
  static List<News> of(Outcomes outcomes) {
    return outcomes.getOutcomesList().stream().map(AttemptWords::of).toList();
  }

  private static News of(Outcome outcome) {
    return new News.Outcome(
        new Attempt(outcome.getId(), outcome.getToken()),
        switch (outcome.getStatus()) {
          case OUTCOME_STATUS_COMPLETE -> Conclusion.COMPLETE;
          case OUTCOME_STATUS_FAILURE -> Conclusion.FAILURE;
          case OUTCOME_STATUS_RETRY -> Conclusion.RETRY;
          case OUTCOME_STATUS_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(outcome.getStatus() + " is no outcome");
        },
        new RetryOverride(
            outcome.hasMaxAttempts() ? outcome.getMaxAttempts() : null,
            outcome.hasDelayOnRetry() ? outcome.getDelayOnRetry() : null),
        outcome.getError().isEmpty() ? null : outcome.getError());
  }

  static Answers of(List<News> news, List<Answer> answers) {
    Answers.Builder all = Answers.newBuilder();
    for (int i = 0; i < news.size(); i++) {
      Attempt attempt = news.get(i).attempt();
      all.addAnswers(
          io.taskbroker.proto.exchange.v1.Answer.newBuilder()
              .setId(attempt.id())
              .setToken(attempt.token())
              .setVerdict(verdictOf(answers.get(i).verdict()))
              .setGrantedMillis(answers.get(i).granted().toMillis())
              .build());
    }
    return all.build();
  }

  /** Nothing was recorded, and the same can be said again after {@code pause}. */
  static Answers notNow(List<News> news, Duration pause) {
    Answers.Builder all = Answers.newBuilder();
    for (News one : news) {
      all.addAnswersBuilder()
          .setId(one.attempt().id())
          .setToken(one.attempt().token())
          .setVerdict(Verdict.VERDICT_NOT_NOW)
          .setRetryAfterMillis(pause.toMillis());
    }
    return all.build();
  }

  private static Verdict verdictOf(Answer.Verdict verdict) {
    return switch (verdict) {
      case RECORDED -> Verdict.VERDICT_RECORDED;
      case ALREADY_OVER -> Verdict.VERDICT_ALREADY_OVER;
      case UNKNOWN -> Verdict.VERDICT_UNKNOWN;
      case SUPERSEDED -> Verdict.VERDICT_SUPERSEDED;
    };
  }
}
