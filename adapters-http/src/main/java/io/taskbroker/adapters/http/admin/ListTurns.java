package io.taskbroker.adapters.http.admin;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Lets callers have lists read one after the other. Two are read at a time, of two callers, and who
 * has had much read lately pauses before the next one: so a client that lists without pause slows
 * down itself, and neither workers nor other clients. Safe for all threads.
 */
final class ListTurns implements AutoCloseable {
  private static final int AT_A_TIME = 2;

  /** How long a caller waits for the others of its name, and then for those of other names. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final TimeSource time;
  private final Semaphore places = new Semaphore(AT_A_TIME, true);
  private final CountDownLatch closing = new CountDownLatch(1);

  /** By name; there are as many names as {@code admin.tokens} has, and one more. */
  private final Map<String, Caller> callers = new ConcurrentHashMap<>();

  /** The allowance belongs to who has the turn. */
  private record Caller(Semaphore turn, Allowance allowance) {
    Caller() {
      this(new Semaphore(1, true), new Allowance());
    }
  }

  ListTurns(TimeSource time) {
    this.time = time;
  }

  /**
   * Reads when it is the caller's turn.
   *
   * @throws Refusal if that takes too long
   */
  <T> T take(Actor actor, Supplier<T> reading) {
    Caller caller = callers.computeIfAbsent(actor.name(), _ -> new Caller());
    acquire(caller.turn());
    try {
      pause(caller.allowance().pause(time.nanos()));
      acquire(places);
      long began = time.nanos();
      try {
        return reading.get();
      } finally {
        places.release();
        long ended = time.nanos();
        caller.allowance().spend(Duration.ofNanos(ended - began), ended);
      }
    } finally {
      caller.turn().release();
    }
  }

  private static void acquire(Semaphore semaphore) {
    try {
      if (!semaphore.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Refusal(
            HttpStatus.SERVICE_UNAVAILABLE_503, "Too many lists are asked for; ask again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopping();
    }
  }

  private void pause(Duration pause) {
    try {
      if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        throw stopping();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopping();
    }
  }

  private static Refusal stopping() {
    return new Refusal(HttpStatus.SERVICE_UNAVAILABLE_503, "The broker is stopping");
  }

  /** Nobody pauses any more. */
  @Override
  public void close() {
    closing.countDown();
  }
}
