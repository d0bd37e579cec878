package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.log.CapturedLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole broker, and workers over real sockets whom one task upsets whenever it comes. */
class PoisonTaskTest {
  private static final int GOOD = 20;

  /** The fixture's limit of attempts. */
  private static final int MOST_PUSHES = 3;

  /** Longer than the fixture's, which the next push of a task waits for. */
  private static final Duration LEASE = Duration.ofSeconds(31);

  private final AtomicInteger poisonous = new AtomicInteger();

  @ParameterizedTest
  @DisplayName(
      "Ours: a task that upsets its worker at each push ends as a dead letter, others flow")
  @EnumSource(
      value = Status.Code.class,
      names = {"INTERNAL", "INVALID_ARGUMENT", "UNKNOWN"})
  void aTaskThatUpsetsItsWorker_endsAsADeadLetter(Status.Code code) throws Exception {
    try (var log = new CapturedLog("taskbroker::push");
        CalledWorkers workers = new CalledWorkers(0, 100_000, call -> answer(call, code));
        GrpcWorkers calling = calling(workers);
        BrokerFixture broker = BrokerFixture.builder().workers(calling).start()) {
      broker.produce(Activations.pending("poison"));
      for (int i = 0; i < GOOD; i++) {
        // Nobody reports on these, and none of them comes again.
        broker.produce(Activations.pending("good-" + i).deadline(Duration.ofDays(365)));
      }

      for (int pushes = 1; pushes <= MOST_PUSHES; pushes++) {
        int failed = pushes;
        await(broker, "its failure", () -> failures(log) == failed);
        awaitStore(broker);
        broker.time().advance(LEASE); // not before: it would be pushed while it is with its worker
      }
      await(broker, "its end", () -> !deadLetters(broker).isEmpty());

      assertThat(poisonous).hasValue(MOST_PUSHES);
      assertThat(broker.tasksIn(BrokerFixture.DEAD_LETTERS))
          .extracting(PlainTask::id)
          .containsExactly("poison");
      assertThat(deadLetters(broker).getFirst().headers())
          .anySatisfy(
              header -> {
                assertThat(header.name()).isEqualTo(DeadLetterHeaders.REASON);
                assertThat(new String(header.value(), StandardCharsets.UTF_8))
                    .isEqualTo(
                        "3 deliveries of it have failed, the last with: " + code + ": it broke");
              });
      assertThat(goodOnes(workers)).hasSize(GOOD);
    }
  }

  private @Nullable Status answer(CalledWorkers.Call call, Status.Code code) {
    if (!text(call).contains("poison")) {
      return Status.OK;
    }
    poisonous.incrementAndGet();
    return code.toStatus().withDescription("it broke");
  }

  private static GrpcWorkers calling(CalledWorkers workers) {
    return new GrpcWorkers(
        new GrpcWorkersSettings(
            Map.of("shop", workers.address()), 1, 100_000, Duration.ofMinutes(1), List.of()),
        TestServer.TIME);
  }

  /** How many failed pushes of it the broker has written down. */
  private static long failures(CapturedLog log) {
    return log.lines().stream()
        .filter(line -> line.contains("failed to take activation poison"))
        .count();
  }

  /** Lets pauses pass meanwhile, but not the lease of a task that is with its worker. */
  private static void await(BrokerFixture broker, String what, BooleanSupplier isSo) {
    var steps = new AtomicInteger();
    broker.await(
        what,
        () -> {
          if (steps.incrementAndGet() <= 50) {
            broker.time().advance(Duration.ofMillis(200));
          }
          return isSo.getAsBoolean();
        });
  }

  /** Until the store has done what it was told before: it answers in turn. */
  private static void awaitStore(BrokerFixture broker) {
    var report = new Report("nobody", Conclusion.COMPLETE, RetryOverride.NONE);
    var _ =
        broker
            .broker()
            .dispatch()
            .report(report, null, Recipient.OF_ANYTHING)
            .toCompletableFuture()
            .join();
  }

  private static List<SourceRecord> deadLetters(BrokerFixture broker) {
    return broker.topics().records(BrokerFixture.DEAD_LETTERS);
  }

  private static Set<String> goodOnes(CalledWorkers workers) throws InterruptedException {
    Set<String> good = new HashSet<>();
    while (good.size() < GOOD) {
      String text = text(workers.take());
      if (text.contains("good-")) {
        good.add(text);
      }
    }
    return good;
  }

  private static String text(CalledWorkers.Call call) {
    return new String(call.body(), StandardCharsets.ISO_8859_1);
  }
}
