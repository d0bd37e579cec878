package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.brokers.Call;
import io.taskbroker.adapters.http.brokers.Call.Verb;
import io.taskbroker.adapters.http.brokers.RemoteBroker;
import io.taskbroker.adapters.http.brokers.Reply;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Another broker, as this one asks it: in bounded time, over a bounded number of connections, and
 * not with every look while it is away. Safe for all threads.
 */
final class OtherBroker implements AutoCloseable {
  /** A look that asks Kafka takes three seconds there. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /** The status is in memory there. */
  static final Duration PATIENCE_FOR_STATUS = Duration.ofMillis(1_500);

  /** A thousand tasks are written, and what waits before them. */
  static final Duration PATIENCE_FOR_ORDERS = Duration.ofSeconds(15);

  /** How long looks are not tried after one that was not answered; the status always is. */
  static final Duration REST = Duration.ofSeconds(10);

  private static final int CALLS = 16;
  private static final Duration PATIENCE_FOR_A_PLACE = Duration.ofSeconds(1);

  private final TimeSource time;
  private final RemoteBroker door;
  private final Semaphore looks = new Semaphore(CALLS);
  private final Semaphore orders = new Semaphore(CALLS);
  private volatile @Nullable Away away;

  private record Away(Reply reply, Moment until) {}

  OtherBroker(KnownBrokers.Known known, ExecutorService threads, TimeSource time) {
    this.time = time;
    this.door = new RemoteBroker(known.url(), known.token(), threads);
  }

  Reply ask(Call call, Map<String, String> headers) {
    boolean isOrder = call.verb() == Verb.POST;
    boolean isStatus = call.path().equals(Looks.STATUS);
    Away last = away;
    if (!isOrder && !isStatus && last != null && time.now().isBefore(last.until())) {
      return last.reply();
    }
    Duration patience = isOrder ? PATIENCE_FOR_ORDERS : isStatus ? PATIENCE_FOR_STATUS : PATIENCE;
    return inTurn(isOrder ? orders : looks, () -> door.ask(call, headers, patience));
  }

  private Reply inTurn(Semaphore place, Supplier<Reply> asking) {
    try {
      if (!place.tryAcquire(PATIENCE_FOR_A_PLACE.toMillis(), TimeUnit.MILLISECONDS)) {
        return Reply.none("%d calls wait for this broker already; ask again".formatted(CALLS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.none("This broker is stopping");
    }
    try {
      Reply reply = asking.get();
      away = reply.status() == 0 ? new Away(reply, time.now().plus(REST)) : null;
      return ofOurs(reply);
    } finally {
      place.release();
    }
  }

  /** If the other broker refuses this one, that is not the fault of the caller. */
  private static Reply ofOurs(Reply reply) {
    return reply.status() == HttpStatus.UNAUTHORIZED_401
        ? Reply.refusal(
            HttpStatus.BAD_GATEWAY_502,
            "It does not let this broker in. Give one of its admin.tokens in admin.broker_tokens")
        : reply;
  }

  @Override
  public void close() {
    door.close();
  }
}
