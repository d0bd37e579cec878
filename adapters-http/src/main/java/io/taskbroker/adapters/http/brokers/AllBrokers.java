package io.taskbroker.adapters.http.brokers;

import java.io.Serial;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks several brokers at once. The answer is there when the slowest has answered, or has used up
 * its time; none waits for another. Safe for all threads.
 */
public final class AllBrokers implements AutoCloseable {
  /** A call goes on after something that none of these brokers has answered. */
  public static final class UnknownCursor extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    UnknownCursor(String message) {
      super(message, null, false, false);
    }
  }

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("brokers-", 0).factory());

  /** Virtual threads with a name, which end with this. */
  public ExecutorService threads() {
    return threads;
  }

  /**
   * Asks each of them, or those in which a list goes on.
   *
   * @param doors in the order in which their answers are shown
   * @throws UnknownCursor if the call says to go on after something that is no cursor
   */
  public Together ask(List<Door> doors, Call call) {
    Optional<Map<String, Object>> cursors = Cursors.read(call.said().get(Call.AFTER));
    List<Door> asked =
        doors.stream()
            .filter(door -> cursors.map(there -> there.containsKey(door.broker())).orElse(true))
            .toList();
    if (asked.isEmpty()) {
      throw new UnknownCursor("a cursor of other brokers");
    }
    return new Together(call.verb(), replies(asked, call, cursors));
  }

  private Map<String, Reply> replies(
      List<Door> asked, Call call, Optional<Map<String, Object>> cursors) {
    Map<String, Reply> replies = new LinkedHashMap<>();
    Map<String, Future<Reply>> answers = new LinkedHashMap<>();
    for (Door door : asked) {
      Call own = call.from(cursors.map(there -> there.get(door.broker())).orElse(null));
      if (asked.size() == 1) {
        replies.put(door.broker(), door.asking().apply(own));
      } else {
        answers.put(door.broker(), threads.submit(() -> door.asking().apply(own)));
      }
    }
    answers.forEach((broker, answer) -> replies.put(broker, awaited(answer)));
    return replies;
  }

  private static Reply awaited(Future<Reply> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.cancel(true);
      return Reply.none("Nobody waited for the answer");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException defect
          ? defect
          : new IllegalStateException(e.getCause());
    }
  }

  /** Waits for what is under way, which takes bounded time. */
  @Override
  public void close() {
    threads.close();
  }
}
