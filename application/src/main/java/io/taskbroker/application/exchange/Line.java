package io.taskbroker.application.exchange;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to one worker, which takes frames in the order in which they are given. Called on any
 * thread, some of it with a session's lock held: nothing here blocks, throws, or calls the session.
 */
public interface Line {
  /** Whether what is given to it now leaves soon. When it becomes so, the session is told. */
  boolean isReady();

  /** Whether the line will be cut in a while, so that its worker had better take another one. */
  boolean isEnding();

  /** Returns who is at the other end, as {@code Recipient} says it. */
  default String worker() {
    return "";
  }

  /**
   * Takes the room that a task needs on its way.
   *
   * @return false if there is none now
   */
  boolean takesRoom(Claim claim);

  /** Gives back the room of a task that is not sent after all. */
  void givesRoomBack(Claim claim);

  /**
   * These tasks are the worker's now.
   *
   * @param longestPause between two signs of life that it promises of each; null if it promises
   *     none
   * @return false if the line is gone, and nothing of them has left
   */
  boolean tasks(List<Delivered> tasks, @Nullable Duration longestPause);

  /** What became of what the worker has said. */
  void answers(List<News> news, List<Answer> answers);

  /** Nothing of this could be recorded; the worker is to say it again. */
  void notNow(List<News> news);

  /** These attempts are the worker's no longer, whatever it does: it is to leave them. */
  void cancel(List<Attempt> attempts);

  /** Nothing more is handed out here: the worker is to hand in what it has. */
  void draining();
}
