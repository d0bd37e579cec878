package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must not be waited for would take an hour here, and so no test needs to measure it. */
@Timeout(60)
class DrainTest {
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration NEVER = Duration.ofHours(1);

  private TestServer broker = draining(QUIET, NEVER);
  private ConsumerServiceBlockingStub worker = broker.worker();

  @AfterEach
  void stop() {
    broker.close();
  }

  private static TestServer draining(Duration quiet, Duration atMost) {
    return new TestServer(
        GrpcServerLimits.DEFAULT.with(new GrpcServerLimits.Draining(quiet, atMost)));
  }

  private void restart(Duration quiet, Duration atMost) {
    broker.close();
    broker = draining(quiet, atMost);
    worker = broker.worker();
  }

  @Test
  void drain_ofSilentWorkers_takesNoLongerThanTheirSilence() {
    assertThat(drain().join()).isGreaterThanOrEqualTo(QUIET);
  }

  @Test
  void drain_takesReports_andHandsOutNothing() {
    broker.add("a");
    report("before");
    CompletableFuture<Duration> drained = drain();
    awaitNotServing();

    for (int i = 0; i < 6; i++) {
      assertThat(codeOfGetTask()).isEqualTo(Status.Code.NOT_FOUND);
      report("during-" + i);
    }

    assertThat(broker.store.reports()).hasSize(7);
    assertThat(broker.store.due()).containsExactly("a");
    drained.join();
  }

  /**
   * Where the machine makes a pause between two reports, the drain rightly ends: once more then.
   */
  @Test
  void drain_lastsWhileReportsCome() {
    while (!outlastsReports()) {
      restart(QUIET, NEVER);
    }
  }

  /** Judges a drain by reports that leave no silence; false if they left one. */
  private boolean outlastsReports() {
    report("before"); // so that the connection stands
    long last = System.nanoTime();
    CompletableFuture<Duration> drained = drain();
    awaitNotServing();
    long end = System.nanoTime() + QUIET.multipliedBy(3).toNanos();
    boolean lasts = true;
    while (lasts && System.nanoTime() < end) {
      long sent = System.nanoTime();
      report("during");
      lasts = !drained.isDone();
      if (System.nanoTime() - last >= QUIET.toNanos()) {
        return false;
      }
      last = sent;
    }
    assertThat(lasts).as("drains while reports come").isTrue();
    drained.join();
    return true;
  }

  @Test
  void drain_doesNotWaitForWorkersThatOnlyAsk() {
    CompletableFuture<Duration> drained = drain();
    while (!drained.isDone()) {
      var _ = codeOfGetTask();
    }

    assertThat(drained.join()).isGreaterThanOrEqualTo(QUIET);
  }

  @Test
  void drain_endsEvenIfWorkersNeverTire() {
    Duration atMost = Duration.ofMillis(1_500);
    restart(NEVER, atMost);
    CompletableFuture<Duration> drained = drain();
    while (!drained.isDone()) {
      report("again");
    }

    assertThat(drained.join()).isGreaterThan(atMost.minusMillis(50));
  }

  @Test
  void drain_waitsForCallsInProgress() throws Exception {
    Runnable resume = broker.store.pause();
    try (var callers = Executors.newSingleThreadExecutor()) {
      var reported = callers.submit(() -> report("slow"));
      broker.store.awaitCommand();
      CompletableFuture<Duration> drained = drain();
      assertThatThrownBy(() -> drained.get(3 * QUIET.toMillis(), TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);

      resume.run();
      reported.get();

      assertThat(drained.join()).isGreaterThanOrEqualTo(QUIET);
    }
  }

  @Test
  void close_endsEverything() {
    drain().join();
    broker.server.close();

    assertThat(codeOfGetTask()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  /** The call would hang for a minute, and this test with it. */
  @Test
  @Timeout(50)
  void close_isQuick_thoughConnectionsAreOpenAndACallHangs() throws Exception {
    codeOfGetTask();
    broker.store.pause();
    try (var callers = Executors.newSingleThreadExecutor()) {
      var hanging = callers.submit(this::codeOfGetTask);
      broker.store.awaitCommand();

      broker.server.close();

      assertThat(hanging.get()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    }
  }

  private CompletableFuture<Duration> drain() {
    return drain(broker);
  }

  /** How long it took. */
  private static CompletableFuture<Duration> drain(TestServer broker) {
    return CompletableFuture.supplyAsync(
        () -> {
          long began = System.nanoTime();
          broker.server.drain();
          return Duration.ofNanos(System.nanoTime() - began);
        });
  }

  private void awaitNotServing() {
    while (broker.health.isServing()) {
      Thread.onSpinWait();
    }
  }

  private void report(String id) {
    report(worker, id);
  }

  private static void report(ConsumerServiceBlockingStub worker, String id) {
    var _ =
        worker.setTaskStatus(
            SetTaskStatusRequest.newBuilder()
                .setId(id)
                .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                .build());
  }

  private Status.Code codeOfGetTask() {
    try {
      var _ = worker.getTask(GetTaskRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
