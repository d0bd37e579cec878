package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchedThreadsTest {
  private final SettableTime time = new SettableTime();
  private final WatchedThreads threads =
      new WatchedThreads(2, "sender-", name -> new Heartbeat(name, time, Duration.ZERO));

  private List<String> missed() {
    return threads.heartbeats().stream()
        .filter(heartbeat -> heartbeat.overdue().isPositive())
        .map(Heartbeat::name)
        .toList();
  }

  @Test
  void aThreadThatHangs_isMissedByItsName_untilItComesBack() throws Exception {
    var begun = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newFixedThreadPool(2, threads)) {
      Future<String> hung =
          pool.submit(
              () -> {
                threads.watch(
                    () -> {
                      begun.countDown();
                      awaitEnd(end);
                    });
                return Thread.currentThread().getName();
              });
      begun.await();
      pool.submit(() -> threads.watch(() -> {})).get();
      time.advance(Duration.ofMinutes(1));

      assertThat(missed()).containsExactly("sender-0");

      end.countDown();
      assertThat(hung.get()).isEqualTo("sender-0");
      assertThat(missed()).isEmpty();
    }
  }

  @Test
  void threadsWithNothingToDo_areNotMissed() {
    time.advance(Duration.ofDays(1));

    assertThat(missed()).isEmpty();
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
