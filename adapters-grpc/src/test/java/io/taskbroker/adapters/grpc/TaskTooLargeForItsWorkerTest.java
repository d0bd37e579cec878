package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A whole broker, and a worker over a real socket whose client takes gRPC's usual 4 MB. */
class TaskTooLargeForItsWorkerTest {
  private static final int SMALL_ONES = 100;

  /** The first one tells nothing; of those after it the fixture allows as many as attempts. */
  private static final int MOST_FAILURES = 1 + 3;

  private static final MethodDescriptor<byte[], byte[]> GET_TASK =
      ConsumerServiceGrpc.getGetTaskMethod().toBuilder(Marshallers.BYTES, Marshallers.BYTES)
          .build();

  @Test
  @DisplayName("Ours: a task too large for its worker holds up nobody, and ends as a dead letter")
  void itLetsOthersPass_andEndsAsADeadLetterThatSaysWhy() throws Exception {
    var health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
    try (BrokerFixture broker = BrokerFixture.start();
        GrpcServer server =
            new GrpcServer(
                    new GrpcServerSettings("127.0.0.1", 0, List.of()),
                    GrpcServerLimits.DEFAULT,
                    broker.broker().dispatch(),
                    broker.broker().exchange(),
                    health,
                    TestServer.TIME)
                .start()) {
      broker.broker().plant(tasks());
      ManagedChannel worker =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
      int failures = 0;
      int taken = 0;
      while (taken < SMALL_ONES || deadLetters(broker).isEmpty()) {
        try {
          byte[] answer =
              ClientCalls.blockingUnaryCall(worker, GET_TASK, CallOptions.DEFAULT, new byte[0]);
          taken += answer.length > 0 ? 1 : 0;
        } catch (StatusRuntimeException e) {
          Status.Code code = e.getStatus().getCode();
          assertThat(code).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.NOT_FOUND);
          failures += code == Status.Code.RESOURCE_EXHAUSTED ? 1 : 0;
        }
        assertThat(failures).isLessThanOrEqualTo(MOST_FAILURES);
        broker.time().advance(Duration.ofMillis(100));
      }

      assertThat(taken).isEqualTo(SMALL_ONES);
      assertThat(failures).isEqualTo(MOST_FAILURES);
      assertThat(deadLetters(broker).getFirst().headers())
          .anySatisfy(
              header -> {
                assertThat(header.name()).isEqualTo(DeadLetterHeaders.REASON);
                assertThat(new String(header.value(), StandardCharsets.UTF_8))
                    .contains("3 deliveries of it have failed")
                    .contains("5000000 bytes broke off");
              });
      worker.shutdownNow();
      assertThat(worker.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static List<NewActivation> tasks() {
    var nowhere = new Partition("", 0);
    List<NewActivation> tasks = new ArrayList<>();
    tasks.add(Activations.pending("large").at(nowhere, 0).payload(new byte[5_000_000]).arriving());
    for (int i = 0; i < SMALL_ONES; i++) {
      // Time passes with each call here; nobody reports on these, and none of them comes again.
      tasks.add(
          Activations.pending("small-" + i)
              .at(nowhere, i + 1)
              .deadline(Duration.ofDays(365))
              .arriving());
    }
    return tasks;
  }

  private static List<SourceRecord> deadLetters(BrokerFixture broker) {
    return broker.topics().records(BrokerFixture.DEAD_LETTERS);
  }
}
