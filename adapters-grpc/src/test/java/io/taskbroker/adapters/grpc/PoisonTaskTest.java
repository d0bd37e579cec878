package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole broker, and workers over real sockets whom one task upsets whenever it comes. */
class PoisonTaskTest {
  private static final int GOOD = 20;

  /** The fixture's limit of attempts. */
  private static final int MOST_PUSHES = 3;

  private final AtomicInteger poisonous = new AtomicInteger();

  @ParameterizedTest
  @DisplayName(
      "Ours: a task that upsets its worker at each push ends as a dead letter, others flow")
  @EnumSource(
      value = Status.Code.class,
      names = {"INTERNAL", "INVALID_ARGUMENT", "UNKNOWN"})
  void aTaskThatUpsetsItsWorker_endsAsADeadLetter(Status.Code code) throws Exception {
    try (CalledWorkers workers = new CalledWorkers(0, 100_000, call -> answer(call, code));
        GrpcWorkers calling = calling(workers);
        BrokerFixture broker = BrokerFixture.builder().workers(calling).start()) {
      broker.produce(Activations.pending("poison"));
      for (int i = 0; i < GOOD; i++) {
        broker.produce(Activations.pending("good-" + i));
      }

      broker.await(
          "its end",
          () -> {
            broker.time().advance(Duration.ofMillis(200));
            return !deadLetters(broker).isEmpty();
          });

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
            Map.of("shop", workers.address()), 1, 100_000, Duration.ofSeconds(5), List.of()),
        TestServer.TIME);
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
