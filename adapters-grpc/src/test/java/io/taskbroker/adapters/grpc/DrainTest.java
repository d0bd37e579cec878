package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static final Duration QUIET = Duration.ofSeconds(1);
  private static final Duration AT_MOST = Duration.ofSeconds(20);
  private static final GrpcServerLimits HASTY =
      GrpcServerLimits.DEFAULT.with(new GrpcServerLimits.Draining(QUIET, AT_MOST));

  private final TestServer broker = new TestServer(HASTY);
  private final ConsumerServiceBlockingStub worker = broker.worker();

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void drain_ofSilentWorkers_takesNoLongerThanTheirSilence() {
    assertThat(drain().join()).isBetween(QUIET, AT_MOST.minus(QUIET));
  }

  @Test
  void drain_takesReports_andHandsOutNothing() throws Exception {
    broker.add("a");
    report("before");
    CompletableFuture<Duration> drained = drain();
    awaitNotServing();

    for (int i = 0; i < 15; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      assertThat(codeOfGetTask()).isEqualTo(Status.Code.NOT_FOUND);
      report("during-" + i);
    }

    assertThat(broker.store.reports()).hasSize(16);
    assertThat(broker.store.due()).containsExactly("a");
    assertThat(drained.join()).isGreaterThan(Duration.ofMillis(1_500).plus(QUIET.dividedBy(2)));
  }

  @Test
  void drain_doesNotWaitForWorkersThatOnlyAsk() {
    CompletableFuture<Duration> drained = drain();
    while (!drained.isDone()) {
      var _ = codeOfGetTask();
    }

    assertThat(drained.join()).isLessThan(AT_MOST.minus(QUIET));
  }

  @Test
  void drain_endsEvenIfWorkersNeverTire() {
    Duration atMost = QUIET.multipliedBy(3);
    try (var tireless =
        new TestServer(
            GrpcServerLimits.DEFAULT.with(new GrpcServerLimits.Draining(QUIET, atMost)))) {
      ConsumerServiceBlockingStub reporting = tireless.worker();
      CompletableFuture<Duration> drained = drain(tireless);
      while (!drained.isDone()) {
        report(reporting, "again");
      }

      assertThat(drained.join()).isBetween(atMost.minusMillis(50), atMost.plusSeconds(30));
    }
  }

  @Test
  void drain_waitsForCallsInProgress() throws Exception {
    Runnable resume = broker.store.pause();
    try (var callers = Executors.newSingleThreadExecutor()) {
      var reported = callers.submit(() -> report("slow"));
      CompletableFuture<Duration> drained = drain();
      TimeUnit.MILLISECONDS.sleep(3 * QUIET.toMillis());
      assertThat(drained).isNotDone();

      resume.run();
      reported.get();

      assertThat(drained.join()).isLessThan(AT_MOST);
    }
  }

  @Test
  void close_endsEverything() {
    drain().join();
    broker.server.close();

    assertThat(codeOfGetTask()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void close_isQuick_thoughConnectionsAreOpenAndACallHangs() throws Exception {
    codeOfGetTask();
    broker.store.pause();
    try (var callers = Executors.newSingleThreadExecutor()) {
      var hanging = callers.submit(this::codeOfGetTask);
      TimeUnit.MILLISECONDS.sleep(100);
      long began = System.nanoTime();

      broker.server.close();

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
      assertThat(hanging.get()).isNotEqualTo(Status.Code.OK);
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

  private void awaitNotServing() throws InterruptedException {
    while (broker.health.isServing()) {
      TimeUnit.MILLISECONDS.sleep(1);
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
