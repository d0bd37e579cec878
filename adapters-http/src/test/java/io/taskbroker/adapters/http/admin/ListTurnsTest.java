package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListTurnsTest {
  private static final Actor GREEDY = new Actor("greedy", AdminRole.VIEWER);
  private static final Actor MODEST = new Actor("modest", AdminRole.VIEWER);
  private static final Actor THIRD = new Actor("third", AdminRole.VIEWER);

  private final AtomicLong nanos = new AtomicLong();
  private final ListTurns turns = new ListTurns(new Clock());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private final class Clock implements TimeSource {
    @Override
    public Moment now() {
      return new Moment(0, TimeUnit.NANOSECONDS.toMillis(nanos()));
    }

    @Override
    public long nanos() {
      return nanos.get();
    }
  }

  @AfterEach
  void close() {
    turns.close();
    threads.close();
  }

  /** Reads something that takes a while. */
  private int read(Actor actor, Duration takes) {
    return turns.take(
        actor,
        () -> {
          nanos.addAndGet(takes.toNanos());
          return 1;
        });
  }

  @Test
  void whoHasHadMuchRead_pauses_andNobodyElse() {
    read(GREEDY, Duration.ofSeconds(5));

    Future<Integer> paused = threads.submit(() -> read(GREEDY, Duration.ZERO));
    assertThat(read(MODEST, Duration.ZERO)).isEqualTo(1);
    assertThat(paused.state()).isEqualTo(Future.State.RUNNING);

    turns.close();
    assertThatThrownBy(paused::get).hasRootCauseInstanceOf(Refusal.class);
  }

  @Test
  void oneName_hasOneListAtATime_howeverManyItAsksFor() throws Exception {
    var reading = new Semaphore(0);
    var goOn = new CountDownLatch(1);
    for (int i = 0; i < 20; i++) {
      var _ = threads.submit(() -> readUntil(GREEDY, reading, goOn));
    }
    reading.acquire();

    assertThat(read(MODEST, Duration.ZERO)).isEqualTo(1);
    assertThat(reading.availablePermits()).isZero();

    goOn.countDown();
    reading.acquire(19);
  }

  @Test
  void twoAreReadAtATime() throws Exception {
    var reading = new Semaphore(0);
    var goOn = new CountDownLatch(1);
    var _ = threads.submit(() -> readUntil(GREEDY, reading, goOn));
    var _ = threads.submit(() -> readUntil(MODEST, reading, goOn));
    reading.acquire(2);
    var third = threads.submit(() -> readUntil(THIRD, reading, goOn));
    assertThat(reading.tryAcquire(50, TimeUnit.MILLISECONDS)).isFalse();

    goOn.countDown();
    assertThat(third.get()).isEqualTo(1);
  }

  private int readUntil(Actor actor, Semaphore reading, CountDownLatch end) {
    return turns.take(
        actor,
        () -> {
          reading.release();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 1;
        });
  }
}
