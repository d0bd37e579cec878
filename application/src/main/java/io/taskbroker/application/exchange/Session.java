package io.taskbroker.application.exchange;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is attached by a {@link Line}: it is given tasks as far as its credit goes, and its
 * words are answered once they are recorded.
 *
 * <p>At most one claim is under way for it. Safe for all threads; nothing here blocks.
 */
public final class Session {
  /** Of one claim, and so of one frame. */
  static final int MOST_TASKS_AT_ONCE = 256;

  /** Of one frame, unless a single task has more: clients take 4 MB by themselves. */
  static final long MOST_BYTES_AT_ONCE = 1 << 20;

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** Before the next claim, after one that failed or was not let wait. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  /**
   * For so long a worker from which something is taken is given nothing, unless it says something:
   * it may hang, and what it had is to go to others.
   */
  private static final Duration SUSPICION = Duration.ofSeconds(30);

  /** After a task that was too large for this worker. */
  private static final Duration AFTER_TOO_LARGE = Duration.ofSeconds(1);

  private final long number;
  private final Exchange exchange;
  private final AttemptStore store;
  private final DispatchStore dispatch;
  private final Greeting greeting;
  private final Line line;

  /** Attempts that the worker has, as far as it was told of them by this line. */
  private final Set<Long> inHand = new LinkedHashSet<>();

  private int taskCredit;
  private long byteCredit;
  private @Nullable Asking asking;
  private long asksAgainMs = Long.MIN_VALUE;
  private long suspectUntilMs = Long.MIN_VALUE;
  private boolean draining;
  private boolean closed;

  /** One claim that is under way. */
  private final class Asking implements Recipient {
    private final Moment until;

    /** Claims that have room on the line; not all of them need come. */
    private final Map<Long, Claim> accepted = new LinkedHashMap<>();

    Asking(Moment until) {
      this.until = until;
    }

    @Override
    public synchronized boolean accepts(Claim claim) {
      if (isTooLarge(claim)) {
        return true;
      }
      boolean accepts = takesMore() && line.takesRoom(claim);
      if (accepts) {
        accepted.put(claim.token(), claim);
      }
      return accepts;
    }

    /** Those of them that were not sent. */
    synchronized Collection<Claim> unsent(List<Delivered> sent) {
      sent.forEach(one -> accepted.remove(one.claim().token()));
      return accepted.values();
    }

    @Override
    public @Nullable Moment waitsUntil() {
      return takesMore() ? until : null;
    }

    @Override
    public String worker() {
      return line.worker();
    }
  }

  Session(
      long number,
      Exchange exchange,
      AttemptStore store,
      DispatchStore dispatch,
      Greeting greeting,
      Line line) {
    this.exchange = exchange;
    this.store = store;
    this.dispatch = dispatch;
    this.number = number;
    this.greeting = greeting;
    this.line = line;
  }

  /** Of all sessions of the exchange, counted as they came. */
  long number() {
    return number;
  }

  /** The worker has this one already. */
  synchronized void holds(Attempt attempt) {
    inHand.add(attempt.token());
  }

  // ---------------------------------------------------------------- tasks

  /** The worker can take more: so many tasks, and bytes of payload. */
  public void credit(int tasks, long bytes) {
    synchronized (this) {
      suspectUntilMs = Long.MIN_VALUE;
      taskCredit = (int) Math.min(Exchange.MOST_CREDIT_TASKS, (long) taskCredit + tasks);
      byteCredit = Math.min(Exchange.MOST_CREDIT_BYTES, byteCredit + bytes);
    }
    ask();
  }

  /** The line is ready again, or time has passed. */
  public void ready() {
    if (line.isEnding()) {
      drain();
    }
    ask();
  }

  /** The worker takes nothing more. */
  public void takesNoMore() {
    synchronized (this) {
      draining = true;
    }
    leave();
  }

  /** Hands out nothing more, and tells the worker. */
  void drain() {
    synchronized (this) {
      if (closed || draining) {
        return;
      }
      draining = true;
      line.draining();
    }
    leave();
  }

  /** The line is gone. What was given to it stays with its worker until the deadline. */
  public void close() {
    synchronized (this) {
      closed = true;
    }
    exchange.closed(this);
    leave();
  }

  private synchronized boolean takesMore() {
    return !closed && !draining && !isSuspect(exchange.now());
  }

  private boolean isSuspect(Moment now) {
    return now.monotonicMs() < suspectUntilMs;
  }

  private void leave() {
    Asking left;
    synchronized (this) {
      left = asking;
    }
    if (left != null) {
      dispatch.leave(left);
    }
  }

  private void ask() {
    Asking next;
    Want want;
    synchronized (this) {
      Moment now = exchange.now();
      if (!mayAsk(now)) {
        return;
      }
      next = new Asking(now.plus(LONGEST_WAIT));
      asking = next;
      want =
          new Want(
              greeting.filters(),
              Math.min(taskCredit, MOST_TASKS_AT_ONCE),
              Math.clamp(byteCredit, 1, MOST_BYTES_AT_ONCE),
              greeting.longestPause());
    }
    var _ = store.claim(want, next).whenComplete((tasks, _) -> claimed(next, tasks));
  }

  /**
   * While the worker has nothing, one task is let through whatever its bytes; or it could wait for
   * ever.
   */
  private boolean mayAsk(Moment now) {
    return !closed
        && !draining
        && !exchange.isDraining()
        && asking == null
        && taskCredit > 0
        && (byteCredit > 0 || inHand.isEmpty())
        && now.monotonicMs() >= asksAgainMs
        && !isSuspect(now)
        && line.isReady();
  }

  /**
   * @param tasks null if the claim failed
   */
  private void claimed(Asking done, @Nullable List<Delivered> tasks) {
    List<Claim> unsent = new ArrayList<>();
    List<Delivered> tooLarge = new ArrayList<>();
    synchronized (this) {
      asking = null;
      Moment now = exchange.now();
      if (tasks == null || (tasks.isEmpty() && now.isBefore(done.until))) {
        asksAgainMs = now.plus(PAUSE).monotonicMs();
      }
      List<Delivered> sent = send(tasks == null ? List.of() : tasks, unsent, tooLarge);
      done.unsent(sent).forEach(line::givesRoomBack);
      if (!tooLarge.isEmpty()) {
        asksAgainMs = now.plus(AFTER_TOO_LARGE).monotonicMs(); // others are to have it first
      }
    }
    if (!unsent.isEmpty()) {
      dispatch.release(unsent);
    }
    for (Delivered one : tooLarge) {
      dispatch.brokeOff(
          one.claim(),
          "it has %d bytes, and a worker can take %d"
              .formatted(one.payload().length, greeting.maxTaskBytes()));
    }
    ask();
  }

  /** Returns those that were sent; sorts the others. */
  private List<Delivered> send(
      List<Delivered> tasks, List<Claim> unsent, List<Delivered> tooLarge) {
    List<Delivered> fit = new ArrayList<>(tasks.size());
    for (Delivered one : tasks) {
      (isTooLarge(one.claim()) ? tooLarge : fit).add(one);
    }
    if (fit.isEmpty()) {
      return fit;
    }
    if (closed || !line.tasks(fit, greeting.longestPause())) {
      fit.forEach(one -> unsent.add(one.claim()));
      return List.of();
    }
    for (Delivered one : fit) {
      taskCredit--;
      byteCredit -= one.payload().length;
      inHand.add(one.claim().token());
    }
    exchange.handedOut(fit);
    return fit;
  }

  private boolean isTooLarge(Claim claim) {
    return claim.activation().payloadBytes() > greeting.maxTaskBytes();
  }

  /** If the worker has one of these, it is given nothing until it says something. */
  void suspect(List<Attempt> attempts) {
    synchronized (this) {
      if (attempts.stream().noneMatch(attempt -> inHand.contains(attempt.token()))) {
        return;
      }
      suspectUntilMs = exchange.now().plus(SUSPICION).monotonicMs();
    }
    leave();
  }

  /** Tells the worker which of these it is to leave; those that it does not have are others'. */
  synchronized void cancel(List<Attempt> attempts) {
    List<Attempt> here =
        attempts.stream().filter(attempt -> inHand.remove(attempt.token())).toList();
    if (!here.isEmpty()) {
      line.cancel(here);
    }
  }

  // ---------------------------------------------------------------- words

  /**
   * The worker says this. It is answered through the line.
   *
   * @param whenAnswered run once it is, or cannot be, on whichever thread
   */
  public void tell(List<News> news, Runnable whenAnswered) {
    synchronized (this) {
      suspectUntilMs = Long.MIN_VALUE;
    }
    var _ =
        exchange
            .tell(news)
            .whenComplete(
                (answers, _) -> {
                  if (answers == null) {
                    line.notNow(news);
                  } else {
                    over(news);
                    line.answers(news, answers);
                    ask();
                  }
                  whenAnswered.run();
                });
  }

  private synchronized void over(List<News> news) {
    for (News one : news) {
      switch (one) {
        case News.Outcome(Attempt attempt, _, _, _) -> inHand.remove(attempt.token());
        case News.HandBack(Attempt attempt) -> inHand.remove(attempt.token());
        case News.Extension _ -> {}
      }
    }
  }
}
