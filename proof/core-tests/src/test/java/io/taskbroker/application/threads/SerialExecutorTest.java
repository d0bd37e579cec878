package io.taskbroker.application.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.Defects;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SerialExecutorTest {
  private final SerialExecutor executor =
      new SerialExecutor(
          SystemThreads.INSTANCE,
          "one-by-one",
          Defects.ofThread("one-by-one", SystemThreads.INSTANCE));

  @Test
  void work_isDoneInTheOrderInWhichItCame_onOneThread() {
    List<Integer> done = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      executor.execute(() -> done.add(number));
    }

    executor.close();

    assertThat(done).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
  }

  @Test
  void closing_waitsForWhatWasHandedIn() {
    CompletableFuture<Void> mayEnd = new CompletableFuture<>();
    List<String> done = new ArrayList<>();
    executor.execute(mayEnd::join);
    executor.execute(() -> done.add(Thread.currentThread().getName()));
    SystemThreads.INSTANCE.job("opens", Threads.Kind.VIRTUAL, () -> mayEnd.complete(null)).start();

    executor.close();

    assertThat(done).containsExactly("one-by-one");
  }

  @Test
  void whatComesAfterTheEnd_isRejected() {
    executor.close();
    executor.close();

    assertThatThrownBy(() -> executor.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("one-by-one");
  }

  /** As the JVM says it: "unable to create native thread". */
  @Test
  void whatComesWhileTheSystemGivesNoThread_isRejected_andWhatComesLaterIsDone() {
    var threads = new ScarceThreads();
    var scarce = new SerialExecutor(threads, "scarce", _ -> {});
    List<String> done = new ArrayList<>();

    assertThatThrownBy(() -> scarce.execute(() -> done.add("first")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("scarce")
        .hasCauseInstanceOf(OutOfMemoryError.class);
    threads.areScarce = false;
    scarce.execute(() -> done.add("second"));
    scarce.close();

    assertThat(done).containsExactly("second");
  }

  @Test
  void closing_withoutAThread_ends() {
    var scarce = new SerialExecutor(new ScarceThreads(), "scarce", _ -> {});
    assertThatThrownBy(() -> scarce.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);

    scarce.close();

    assertThatThrownBy(() -> scarce.execute(() -> {})).hasMessageContaining("closed");
  }

  @Test
  void workThatBreaks_holdsUpNoOther() {
    CompletableFuture<String> next = new CompletableFuture<>();
    executor.execute(
        () -> {
          throw new IllegalStateException("broken on purpose");
        });
    executor.execute(() -> next.complete("done"));

    assertThat(next.join()).isEqualTo("done");
    executor.close();
  }

  @Test
  void workThatAlwaysBreaks_isSaidOnce() {
    try (CapturedLog log = new CapturedLog("taskbroker::defects")) {
      for (int i = 0; i < 1_000; i++) {
        executor.execute(
            () -> {
              throw new IllegalStateException("broken on purpose");
            });
      }
      executor.close();

      assertThat(log.lines())
          .containsExactly(
              "Something unexpected happened: a piece of work of thread one-by-one was not done. All"
                  + " else goes on (1 times since the last line)");
    }
  }

  /** A system that can start no thread for a while. */
  private static final class ScarceThreads implements Threads {
    boolean areScarce = true;

    @Override
    public Job job(String name, Kind kind, Runnable work) {
      Job job = SystemThreads.INSTANCE.job(name, kind, work);
      return areScarce ? new Unstartable(job) : job;
    }

    @Override
    public Signal signal() {
      return SystemThreads.INSTANCE.signal();
    }

    @Override
    public <T> T await(CompletionStage<T> stage) {
      return SystemThreads.INSTANCE.await(stage);
    }

    @Override
    public long nanos() {
      return SystemThreads.INSTANCE.nanos();
    }
  }

  private record Unstartable(Job job) implements Job {
    @Override
    public Job start() {
      throw new OutOfMemoryError("unable to create native thread");
    }

    @Override
    public boolean isCurrent() {
      return job.isCurrent();
    }

    @Override
    public void awaitEnd() {
      job.awaitEnd();
    }

    @Override
    public boolean awaitEnd(Duration longest) {
      return job.awaitEnd(longest);
    }
  }
}
