package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a process ends, seen from outside. */
@Timeout(180)
class ShutdownTest {
  @TempDir private Path folder;

  /** Ends as its word says. */
  static final class Program {
    private Program() {}

    public static void main(String[] words) throws InterruptedException {
      Shutdown shutdown =
          Shutdown.install(
              words[0].equals("hangs") ? Duration.ofMillis(300) : Duration.ofMinutes(1));
      switch (words[0]) {
        case "fails" -> shutdown.fail("Part X", new IllegalStateException("broken"));
        case "hangs" -> {
          var begun = new CountDownLatch(1); // or it might have no frame to be named by yet
          Thread.ofPlatform()
              .name("stuck")
              .start(
                  () -> {
                    begun.countDown();
                    hang();
                  });
          begun.await();
          shutdown.fail("it is over");
          hang();
        }
        case "throws" -> Thread.ofPlatform().start(() -> fail(new AssertionError("never")));
        case "exhausted" -> Thread.ofPlatform().start(() -> fail(new OutOfMemoryError("heap")));
        case "exits" -> Thread.ofPlatform().start(() -> System.exit(0));
        default -> throw new IllegalArgumentException(words[0]);
      }
      Shutdown.Reason reason = shutdown.awaitRequest();
      System.err.println(reason);
      shutdown.finished(reason instanceof Shutdown.Reason.Signalled ? 0 : 1);
    }

    private static void fail(Error error) {
      throw error;
    }

    private static void hang() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aFailedPartEndsAllOfItWithTheReasonLast() throws Exception {
    try (OwnProcess process = start("fails")) {
      assertThat(process.status()).isEqualTo(1);
      assertThat(process.standardError())
          .contains("Part X failed; the broker stops", "    at io.taskbroker");
      assertThat(process.lastLine())
          .contains("Part X failed: java.lang.IllegalStateException: broken");
    }
  }

  @Test
  void whatDoesNotStopInTimeIsNamedAndLeft() throws Exception {
    try (OwnProcess process = start("hangs")) {
      assertThat(process.status()).isEqualTo(1);
      assertThat(process.lastLine()).contains("has not stopped", "[stuck] at ");
    }
  }

  @Test
  void anErrorThatNobodyCaughtIsAFailure() throws Exception {
    try (OwnProcess process = start("throws")) {
      assertThat(process.status()).isEqualTo(1);
      assertThat(process.lastLine()).contains("AssertionError: never");
    }
  }

  @Test
  void aProcessWithoutMemoryEndsAtOnce() throws Exception {
    try (OwnProcess process = start("exhausted")) {
      assertThat(process.status()).isEqualTo(3);
      assertThat(process.lastLine()).contains("out of memory");
    }
  }

  @Test
  void anybodysExitIsOrderly() throws Exception {
    try (OwnProcess process = start("exits")) {
      assertThat(process.status()).isZero();
      assertThat(process.lastLine()).contains("Signalled");
    }
  }

  @Test
  void aMachineThatStandsForLongerThanThePatience_takesASecondOfIt() throws Exception {
    var stopped = new StoppedIn(3); // each wait before may have taken the machine minutes

    assertThat(Shutdown.awaitStop(stopped, Duration.ofMillis(3_500))).isZero();
    assertThat(stopped.waited).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void thePatience_isTheSumOfWhatIsWaited() {
    var never = new StoppedIn(Integer.MAX_VALUE);

    assertThatThrownBy(() -> Shutdown.awaitStop(never, Duration.ofMillis(3_500)))
        .isInstanceOf(TimeoutException.class);
    assertThat(never.waited).isEqualTo(Duration.ofMillis(3_500));
  }

  /** Comes with status 0 in the wait of that number; those before it end in vain. */
  private static final class StoppedIn extends CompletableFuture<Integer> {
    private final int wait;
    private int waits;

    /** The sum of the times that the waits in vain were for. */
    private Duration waited = Duration.ZERO;

    StoppedIn(int wait) {
      this.wait = wait;
    }

    @Override
    public Integer get(long timeout, TimeUnit unit) throws TimeoutException {
      waits++;
      if (waits == wait) {
        return 0;
      }
      waited = waited.plus(Duration.of(timeout, unit.toChronoUnit()));
      throw new TimeoutException();
    }
  }

  private OwnProcess start(String word) throws Exception {
    return OwnProcess.start(folder, Program.class, List.of(), word);
  }
}
