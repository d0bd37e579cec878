package io.taskbroker.adapters.grpc;

import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.Extension;
import io.taskbroker.proto.exchange.v1.Verdict;
import java.time.Duration;
import java.util.List;

/** What workers say of attempts, from the wire's words into ours, and the answers back. */
final class AttemptWords {
  /** More cannot be granted, however much is asked for. */
  private static final long MOST_MILLIS = Duration.ofDays(1).toMillis();

  private AttemptWords() {}

  static News of(io.taskbroker.proto.exchange.v1.Attempt handedBack) {
    return new News.HandBack(new Attempt(handedBack.getId(), handedBack.getToken()));
  }

  static News of(Extension extension) {
    long millis = extension.getForMillis();
    boolean isSmall = Long.compareUnsigned(millis, MOST_MILLIS) < 0;
    return new News.Extension(
        new Attempt(extension.getId(), extension.getToken()),
        Duration.ofMillis(isSmall ? millis : MOST_MILLIS));
  }

  static Answers of(List<News> news, List<Answer> answers) {
    Answers.Builder all = Answers.newBuilder();
    for (int i = 0; i < news.size(); i++) {
      Attempt attempt = news.get(i).attempt();
      all.addAnswersBuilder()
          .setId(attempt.id())
          .setToken(attempt.token())
          .setVerdict(verdictOf(answers.get(i).verdict()))
          .setGrantedMillis(answers.get(i).granted().toMillis());
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
