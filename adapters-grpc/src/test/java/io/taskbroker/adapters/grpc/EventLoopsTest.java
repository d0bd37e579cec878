package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLoopsTest {
  private final SettableTime time = new SettableTime();
  private final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
  private final EventLoops loops = new EventLoops();

  @AfterEach
  void close() {
    loops.close();
  }

  @Test
  void threadThatHangs_isNamed_untilItGoesOn() throws Exception {
    loops.beat(health, time);
    assertThat(health.stuck()).isEmpty();
    var hangs = new CountDownLatch(1);
    var goesOn = new CountDownLatch(1);
    EventExecutor first = loops.working().iterator().next();
    var turn =
        first.submit(
            () -> {
              hangs.countDown();
              return goesOn.await(1, TimeUnit.MINUTES);
            });
    hangs.await();

    time.advance(Duration.ofSeconds(17));
    // The others give their signs of life once a second by the real clock.
    awaitStuck(stuck -> stuck.isPresent() && !stuck.get().matches(".*grpc-(accept|io-2).*"));

    assertThat(health.stuck())
        .hasValueSatisfying(why -> assertThat(why).contains("loop grpc-io-1"));

    goesOn.countDown();
    turn.get();
    awaitStuck(Optional::isEmpty);
    assertThat(first.submit(() -> true).get()).isTrue();
  }

  @Test
  void threadsThatWereClosed_areMissedByNobody() {
    loops.beat(health, time);
    loops.close();

    time.advance(Duration.ofHours(1));

    assertThat(health.stuck()).isEmpty();
  }

  private void awaitStuck(Predicate<Optional<String>> expected) {
    while (!expected.test(health.stuck())) {
      Thread.onSpinWait();
    }
  }
}
