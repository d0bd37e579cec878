package io.taskbroker.workload.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import io.taskbroker.proto.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import io.taskbroker.workload.ledger.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshTest {
  private static final long SEED = 7;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final LedgerWitness witness = new LedgerWitness(new Ledger());
  private Mesh mesh;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    PushWorkers workers =
        keep(PushWorkers.start(new PushWorkerSettings(0, "127.0.0.1:1", 1), List.of(), witness));
    workers.behave(Conduct.KEEP);
    mesh = keep(Mesh.start("127.0.0.2", 0, workers.port(), SEED));
    channel = ManagedChannelBuilder.forAddress("127.0.0.2", mesh.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void inFairWeather_everythingPasses() {
    for (int i = 0; i < 100; i++) {
      push(i);
    }

    assertThat(witness.calls()).isEqualTo(100);
    assertThat(mesh.pushes()).isEqualTo(100);
    assertThat(mesh.troubles()).isZero();
    assertThat(health()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void inAStorm_everyPushIsDelivered_andSomeLookAsIfTheyWereNot() {
    mesh.weather(Mesh.Weather.STORMY);
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      try {
        push(i);
      } catch (StatusRuntimeException e) {
        ends.add(String.valueOf(e.getStatus().getDescription()));
      }
    }

    assertThat(mesh.troubles()).as("one in 25").isEqualTo(12);
    assertThat(ends).hasSize(12);
    assertThat(ends).anyMatch(end -> end.contains("upstream connect error"));
    assertThat(ends).anyMatch(end -> end.contains("RST_STREAM"));
    assertThat(witness.calls()).isEqualTo(300);
    assertThat(health()).as("health checks are left alone").isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void whatHangs_saysNothing() {
    push(0);
    mesh.weather(Mesh.Weather.HANGING);

    assertThatThrownBy(() -> push(1, Duration.ofSeconds(1)))
        .hasMessageContaining("DEADLINE_EXCEEDED");
    assertThat(witness.calls()).isEqualTo(1);
  }

  private void push(int number) {
    push(number, PATIENCE);
  }

  private void push(int number, Duration patience) {
    WorkerServiceBlockingStub workers =
        WorkerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(patience);
    var task =
        TaskActivation.newBuilder()
            .setId("task-" + number)
            .setParametersBytes(ByteString.copyFrom(new byte[200]));
    var _ = workers.pushTask(PushTaskRequest.newBuilder().setTask(task).build());
  }

  private ServingStatus health() {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private <T extends AutoCloseable> T keep(T one) {
    open.add(one);
    return one;
  }
}
