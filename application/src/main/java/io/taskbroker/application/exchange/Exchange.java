package io.taskbroker.application.exchange;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Workers that name attempts by token: they say what becomes of them, and attach themselves to be
 * given tasks. Also a broker that hands out nothing any more takes their words.
 *
 * <p>Nothing here blocks; stages complete as {@link AttemptStore} says. Safe for all threads.
 */
public final class Exchange implements Holders {
  /** What one call or frame may say. */
  public static final int MOST_NEWS = 10_000;

  /** What the credit of one worker may add up to; more counts as this. */
  public static final int MOST_CREDIT_TASKS = 10_000;

  /** As {@link #MOST_CREDIT_TASKS}, of bytes. */
  public static final long MOST_CREDIT_BYTES = 256 << 20;

  private final AttemptStore store;
  private final DispatchStore dispatch;
  private final TimeSource time;
  private final EventSink<ExchangeEvent> metrics;

  /** By the order in which they came. */
  private final NavigableMap<Long, Session> sessions = new ConcurrentSkipListMap<>();

  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong nextNumber = new AtomicLong();
  private volatile boolean draining;

  /**
   * @param store hands out only what may be handed out
   * @param dispatch of the same store; takes back what a worker was not given
   */
  public Exchange(
      AttemptStore store,
      DispatchStore dispatch,
      TimeSource time,
      EventSink<ExchangeEvent> metrics) {
    this.store = store;
    this.dispatch = dispatch;
    this.time = time;
    this.metrics = metrics;
  }

  /**
   * Records what workers say; for each, in order, what became of it.
   *
   * @param news at most {@link #MOST_NEWS}
   */
  public CompletionStage<List<Answer>> tell(List<News> news) {
    return store.tell(news).whenComplete((answers, _) -> count(news, answers));
  }

  private void count(List<News> news, @Nullable List<Answer> answers) {
    if (answers == null) {
      metrics.count(new ExchangeEvent.NotNow(news.size()));
      return;
    }
    for (int i = 0; i < news.size(); i++) {
      metrics.count(new ExchangeEvent.Told(news.get(i), answers.get(i).verdict()));
    }
  }

  /** A worker has said how long a task ran. */
  public void ran(Duration took) {
    metrics.count(new ExchangeEvent.Ran(took));
  }

  // ---------------------------------------------------------------- sessions

  /**
   * A worker that has attached itself.
   *
   * @param holdings how each attempt stands that it believes to have, in its order
   */
  public record Attached(Session session, List<Holding> holdings) {}

  /**
   * Attaches a worker. It is given nothing before it has credit.
   *
   * @param line told of nothing before the stage has completed
   */
  public CompletionStage<Attached> attach(Greeting greeting, Line line) {
    return store
        .holding(greeting.held(), greeting.longestPause(), line.worker())
        .thenApply(holdings -> attached(greeting, line, holdings));
  }

  private Attached attached(Greeting greeting, Line line, List<Holding> holdings) {
    Session session =
        new Session(nextNumber.getAndIncrement(), this, store, dispatch, greeting, line);
    for (int i = 0; i < holdings.size(); i++) {
      if (holdings.get(i) == Holding.YOURS) {
        session.holds(greeting.held().get(i));
      }
    }
    sessions.put(session.number(), session);
    metrics.count(new ExchangeEvent.Attached(open.incrementAndGet()));
    return new Attached(session, holdings);
  }

  void closed(Session session) {
    if (sessions.remove(session.number(), session)) {
      metrics.count(new ExchangeEvent.Attached(open.decrementAndGet()));
    }
  }

  Moment now() {
    return time.now();
  }

  void handedOut(List<Delivered> tasks) {
    long nowMs = time.now().wallMs();
    for (Delivered one : tasks) {
      metrics.count(new ExchangeEvent.HandedOut(one.claim(), nowMs));
    }
  }

  @Override
  public void suspect(List<Attempt> attempts) {
    if (!attempts.isEmpty()) {
      sessions.values().forEach(session -> session.suspect(attempts));
    }
  }

  @Override
  public void cancel(List<Attempt> attempts) {
    if (!attempts.isEmpty()) {
      sessions.values().forEach(session -> session.cancel(attempts));
    }
  }

  /** Has sessions do what is due. To be called every few hundred milliseconds. */
  public void tick() {
    sessions.values().forEach(draining ? Session::drain : Session::ready);
  }

  /** From here on nothing is handed out; words are still taken. */
  public void drain() {
    draining = true;
    sessions.values().forEach(Session::drain);
  }

  /** Whether {@link #drain} was called. */
  public boolean isDraining() {
    return draining;
  }
}
