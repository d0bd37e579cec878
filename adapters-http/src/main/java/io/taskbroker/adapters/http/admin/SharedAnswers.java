package io.taskbroker.adapters.http.admin;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers equal questions that come within a moment once: ten dashboards cost hardly more than one.
 * A caller that comes while its question is being answered waits for that answer. A failure is
 * never shared, for it may name who asked: each who waited asks again by itself. Safe for all
 * threads.
 */
final class SharedAnswers {
  /** Answers that are kept; dashboards ask some ten questions. */
  static final int MOST = 64;

  /** A larger answer is given to those who wait for it, and not kept. */
  static final int LARGEST_BYTES = 256 * 1024;

  private final Duration fresh;
  private final TimeSource time;

  /** The oldest first. */
  private final Map<Question, Answer> answers = new LinkedHashMap<>();

  /**
   * What is asked.
   *
   * @param role who asks; others may be answered otherwise
   * @param query as it was said
   */
  record Question(AdminRole role, String path, String query) {}

  /**
   * @param until others are given it
   */
  private record Answer(Moment until, CompletableFuture<byte[]> bytes) {}

  /**
   * @param fresh for how long an answer is given to others, from the moment on when the first one
   *     has asked; zero for not at all
   */
  SharedAnswers(Duration fresh, TimeSource time) {
    this.fresh = fresh;
    this.time = time;
  }

  /**
   * The answer, as JSON.
   *
   * @param source called if no answer is there that may be given, and none is under way that ends
   *     well
   */
  byte[] answer(Question question, Supplier<byte[]> source) {
    if (fresh.isZero()) {
      return source.get();
    }
    Moment now = time.now();
    var mine = new Answer(now.plus(fresh), new CompletableFuture<>());
    Answer there = findOrPut(question, mine, now);
    return there == null ? answer(question, mine, source) : awaited(there, source);
  }

  private synchronized @Nullable Answer findOrPut(Question question, Answer mine, Moment now) {
    Answer there = answers.get(question);
    if (there != null && (now.isBefore(there.until()) || !there.bytes().isDone())) {
      return there;
    }
    answers.remove(question);
    if (answers.size() == MOST) {
      answers.remove(answers.keySet().iterator().next());
    }
    answers.put(question, mine);
    return null;
  }

  private byte[] answer(Question question, Answer mine, Supplier<byte[]> source) {
    byte[] bytes;
    try {
      bytes = source.get();
    } catch (RuntimeException | Error e) {
      forget(question, mine);
      mine.bytes().completeExceptionally(e);
      throw e;
    }
    if (bytes.length > LARGEST_BYTES) {
      forget(question, mine);
    }
    mine.bytes().complete(bytes);
    return bytes;
  }

  private static byte[] awaited(Answer there, Supplier<byte[]> source) {
    try {
      return there.bytes().join();
    } catch (CompletionException _) {
      return source.get();
    }
  }

  private synchronized void forget(Question question, Answer mine) {
    answers.remove(question, mine);
  }

  /** Forgets all answers: an order may have changed them. */
  synchronized void clear() {
    answers.clear();
  }
}
