package io.taskbroker.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop whose rest nobody would live to see the end of, unless something else ends it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  private final Threads threads = SystemThreads.INSTANCE;
  private final Signal turned = threads.signal();
  private final AtomicInteger turns = new AtomicInteger();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Heartbeat heartbeat = new Heartbeat("loop", new SettableTime(), Duration.ZERO);

  private Loop loop(Loop.Turn turn) {
    return new Loop(threads, "loop", turn, FOR_EVER, failures::add, heartbeat);
  }

  private int idleTurn() {
    turns.incrementAndGet();
    turned.raise();
    return 0;
  }

  @Test
  void aNudge_endsTheRest() {
    try (Loop loop = loop(this::idleTurn).start()) {
      turned.await();
      loop.nudge();
      turned.await();

      assertThat(turns).hasValue(2);
    }
  }

  @Test
  void aNudgeDuringATurn_endsTheRestAfterIt() {
    CompletableFuture<Loop> self = new CompletableFuture<>();
    Loop.Turn nudgingOnce =
        () -> {
          if (turns.get() == 0) {
            self.join().nudge();
          }
          return idleTurn();
        };
    try (Loop loop = loop(nudgingOnce).start()) {
      self.complete(loop);
      turned.await();
      while (turns.get() < 2) {
        turned.await();
      }

      assertThat(turns).hasValue(2);
    }
  }

  @Test
  void aTurnThatDidSomething_isFollowedByTheNextAtOnce() {
    Loop.Turn busyTwice = () -> idleTurn() + (turns.get() < 3 ? 1 : 0);
    try (Loop _ = loop(busyTwice).start()) {
      while (turns.get() < 3) {
        turned.await();
      }
    }

    assertThat(turns).hasValue(3);
  }

  @Test
  void aLoop_canBeClosedFromItsOwnTurn() {
    CompletableFuture<Loop> self = new CompletableFuture<>();
    Loop loop =
        loop(() -> {
              self.join().close();
              return idleTurn();
            })
            .start();
    self.complete(loop);
    turned.await();

    loop.close();

    assertThat(turns).hasValue(1);
    assertThat(heartbeat.overdue()).isEqualTo(Duration.ZERO);
  }

  @Test
  void aTurnThatThrows_isReported_andTheLoopGoesOn() {
    IllegalStateException defect = new IllegalStateException("broken on purpose");
    Loop.Turn brokenOnce =
        () -> {
          if (idleTurn() == 0 && turns.get() == 1) {
            throw defect;
          }
          return 0;
        };
    try (Loop loop = loop(brokenOnce).start()) {
      turned.await();
      loop.nudge();
      turned.await();
    }

    assertThat(failures).containsExactly(defect);
    assertThat(turns).hasValue(2);
  }

  /** Breaks with each kind of what can be thrown, and then no more. */
  private int brokenTwice() {
    int turn = turns.incrementAndGet();
    turned.raise();
    return switch (turn) {
      case 1 -> throw new IllegalStateException("broken on purpose");
      case 2 -> throw new AssertionError("broken on purpose");
      default -> 0;
    };
  }

  @Test
  void anEnduringLoop_goesOnWhateverATurnThrows() {
    Loop enduring =
        Loop.enduring(threads, "loop", this::brokenTwice, FOR_EVER, failures::add, heartbeat);
    try (Loop loop = enduring.start()) {
      turned.await();
      loop.nudge();
      turned.await();
      loop.nudge();
      turned.await();
    }

    assertThat(failures)
        .extracting(thrown -> thrown.getClass().getSimpleName())
        .containsExactly("IllegalStateException", "AssertionError");
    assertThat(turns).hasValue(3);
  }

  @Test
  void whoeverIsToldOfAFailure_mayBreakAsWell() {
    Consumer<Throwable> broken =
        _ -> {
          throw new IllegalStateException("broken, too");
        };
    Loop enduring = Loop.enduring(threads, "loop", this::brokenTwice, FOR_EVER, broken, heartbeat);
    try (Loop loop = enduring.start()) {
      turned.await();
      loop.nudge();
      turned.await();
    }

    assertThat(turns).hasValue(2);
  }

  @Test
  void faultsOfTurns_areLoggedOnceAMinute() {
    SettableTime time = new SettableTime();
    Defects faults = new Defects("nothing was sent", time);
    try (CapturedLog log = new CapturedLog("taskbroker::defects")) {
      for (int second = 0; second < 90; second++) {
        faults.accept(new IllegalStateException("broken on purpose"));
        time.advance(Duration.ofSeconds(1));
      }

      assertThat(log.lines())
          .containsExactly(
              "Something unexpected happened: nothing was sent. All else goes on"
                  + " (1 times since the last line)",
              "Something unexpected happened: nothing was sent. All else goes on"
                  + " (60 times since the last line)");
    }
  }

  @Test
  void aLoopThatWasNeverStarted_canBeClosed() {
    loop(this::idleTurn).close();

    assertThat(turns).hasValue(0);
  }
}
