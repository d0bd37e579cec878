package io.taskbroker.application.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.threads.Threads.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SystemThreadsTest {
  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(250);

  private final Threads threads = SystemThreads.INSTANCE;

  @AfterEach
  void nobodyLeavesAnInterrupt() {
    assertThat(Thread.interrupted()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aJob_runsOnAThreadOfItsNameAndKind(Kind kind) {
    CompletableFuture<Thread> ran = new CompletableFuture<>();

    Job job = threads.job("some-job", kind, () -> ran.complete(Thread.currentThread()));
    job.start().awaitEnd();

    assertThat(ran.join().getName()).isEqualTo("some-job");
    assertThat(ran.join().isVirtual()).isEqualTo(kind == Kind.VIRTUAL);
  }

  @Test
  void aJob_knowsThatItIsTheCurrentOne() {
    CompletableFuture<Job> self = new CompletableFuture<>();
    CompletableFuture<Boolean> isCurrent = new CompletableFuture<>();
    Job job = threads.job("self", Kind.VIRTUAL, () -> isCurrent.complete(self.join().isCurrent()));
    self.complete(job.start());

    assertThat(isCurrent.join()).isTrue();
    assertThat(job.isCurrent()).isFalse();
  }

  @Test
  void aJobThatWasNeverStarted_countsAsEnded() {
    Job job = threads.job("never", Kind.PLATFORM, () -> {});

    job.awaitEnd();

    assertThat(job.awaitEnd(LONG)).isTrue();
  }

  @Test
  void theEndOfAJob_isAwaitedNoLongerThanAsked() {
    Signal mayEnd = threads.signal();
    Job job = threads.job("waits", Kind.VIRTUAL, mayEnd::await).start();

    assertThat(job.awaitEnd(MOMENT)).isFalse();

    mayEnd.raise();
    assertThat(job.awaitEnd(LONG)).isTrue();
  }

  @Test
  void aSignal_thatWasRaisedBeforeTheWait_isNotLost() {
    Signal signal = threads.signal();
    signal.raise();
    signal.raise();

    signal.await();

    assertThat(signal.await(Duration.ZERO)).as("raising twice is raising once").isFalse();
  }

  @Test
  void aSignal_isLoweredByWhoeverWaitedForIt() {
    Signal signal = threads.signal();
    signal.raise();

    assertThat(signal.await(Duration.ZERO)).isTrue();
    assertThat(signal.await(MOMENT)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aSignal_wakesWhoeverWaits(Kind kind) {
    Signal there = threads.signal();
    Signal back = threads.signal();
    int turns = 10_000;
    Job answering =
        threads
            .job(
                "answers",
                kind,
                () -> {
                  for (int i = 0; i < turns; i++) {
                    there.await();
                    back.raise();
                  }
                })
            .start();

    AtomicInteger answers = new AtomicInteger();
    for (int i = 0; i < turns; i++) {
      there.raise();
      if (back.await(LONG)) {
        answers.incrementAndGet();
      }
    }

    answering.awaitEnd();
    assertThat(answers).hasValue(turns);
  }

  @Test
  void anInterrupt_endsNoWaitForASignal_andIsKept() {
    Signal signal = threads.signal();
    long before = threads.nanos();
    Thread.currentThread().interrupt();

    assertThat(signal.await(MOMENT)).isFalse();

    assertThat(threads.nanos() - before).isGreaterThanOrEqualTo(MOMENT.toNanos());
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    threads.job("raises", Kind.VIRTUAL, signal::raise).start();
    signal.await();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterrupt_endsNoWaitForAJob_andIsKept() {
    Signal mayEnd = threads.signal();
    Job job = threads.job("waits", Kind.VIRTUAL, mayEnd::await).start();
    Thread.currentThread().interrupt();

    assertThat(job.awaitEnd(MOMENT)).isFalse();

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    mayEnd.raise();
    job.awaitEnd();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(job.awaitEnd(Duration.ZERO)).isTrue();
  }

  @Test
  void anAnswer_isAwaited() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    threads.job("answers", Kind.VIRTUAL, () -> answer.complete("here")).start();

    assertThat(threads.await(answer)).isEqualTo("here");
  }

  @Test
  void aFailure_isTheCauseOfWhatIsThrown() {
    IllegalStateException failure = new IllegalStateException("no");

    assertThatThrownBy(() -> threads.await(CompletableFuture.failedStage(failure)))
        .isInstanceOf(CompletionException.class)
        .hasCause(failure);
  }
}
