package io.taskbroker.application.exchange;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What workers need from storage that name attempts by token: words about an attempt count only
 * while it is its activation's latest.
 *
 * <p>Stages complete as {@link io.taskbroker.application.dispatch.DispatchStore} says. Safe for any
 * number of threads; no method blocks.
 */
public interface AttemptStore {
  /**
   * Hands the oldest due activations to a worker. Each of them goes to one caller only, however
   * many call at once. If nothing is due, the answer may wait as that of {@link
   * io.taskbroker.application.dispatch.DispatchStore#claim} does; {@code leave} and {@code
   * endWaits} of that port end its wait.
   *
   * @param recipient may decline each of them
   */
  CompletionStage<List<Delivered>> claim(Want want, Recipient recipient);

  /**
   * Records each of these as if it had come alone, in their order.
   *
   * <ul>
   *   <li>An outcome counts until the activation has one or is handed out again, however late.
   *   <li>A hand-back makes the activation pending at its old place, and counts no attempt.
   *   <li>An extension moves the deadline to the later of what it is and what is asked for; of a
   *       worker that promised signs of life, the next one is due after {@code longestPause}.
   * </ul>
   *
   * @return for each, in order, what became of it. If the stage fails, a part may be recorded: the
   *     same words can be said again
   */
  CompletionStage<List<Answer>> tell(List<News> news);

  /**
   * How attempts stand that a worker believes to have; those that go on are with it.
   *
   * @param worker who that is, as {@link Recipient#worker} says it
   * @param longestPause between two extensions, which the worker promises to send; the deadlines
   *     are those of the processing, or the ends of the pauses, whichever come first. Null if it
   *     promises none
   * @return for each, in order
   */
  CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause, String worker);
}
