package io.taskbroker.inflight;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The owned store, as those see it who name attempts by token. */
final class OwnedAttempts implements AttemptStore {
  private final CommandSender sender;
  private final Messenger messenger;

  /**
   * @param messenger takes reports of tasks that are not here
   */
  OwnedAttempts(CommandSender sender, Messenger messenger) {
    this.messenger = messenger;
    this.sender = sender;
  }

  @Override
  public CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    return sender.serve(new Commands.ServeMany(sender.now(), want, recipient));
  }

  @Override
  public CompletionStage<List<Answer>> tell(List<News> news) {
    CompletionStage<List<Answer>> answers =
        sender.serve(
            new EachInTurn<>(
                StoreCall.CONCLUDE_ALL,
                sender.now(),
                news,
                (engine, one, now) -> engine.attempts().tell(one, now),
                one -> one.attempt().id(),
                Answer.UNKNOWN));
    return messenger.hasOthers()
        ? answers.thenCompose(
            here -> messenger.leaveUnknown(reports(news), here, Answer.UNKNOWN, Answer.RECORDED))
        : answers;
  }

  /**
   * Other brokers take what an attempt has come to, and that it was never begun. That it goes on
   * has to be said where it was handed out.
   */
  private static List<Elsewhere.@Nullable Report> reports(List<News> news) {
    List<Elsewhere.@Nullable Report> reports = new ArrayList<>(news.size());
    for (News one : news) {
      reports.add(
          switch (one) {
            case News.Outcome(Attempt attempt, var conclusion, var retry, var error) ->
                new Elsewhere.Report(attempt.id(), attempt.token(), conclusion, retry, error);
            case News.HandBack(Attempt attempt) -> Elsewhere.Report.neverBegun(attempt);
            case News.Extension _ -> null;
          });
    }
    return reports;
  }

  @Override
  public CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause, String worker) {
    return sender.serve(
        new EachInTurn<>(
            StoreCall.OTHER,
            sender.now(),
            attempts,
            (engine, one, now) -> engine.attempts().holding(one, longestPause, worker, now),
            Attempt::id,
            Holding.OVER));
  }
}
