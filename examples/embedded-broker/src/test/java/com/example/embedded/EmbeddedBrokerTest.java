package com.example.embedded;

import static com.example.embedded.EmbeddedBroker.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.topics.InMemoryPublisher;
import io.taskbroker.testkit.topics.InMemorySource;
import io.taskbroker.testkit.topics.InMemoryTopics;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded broker over a real file and a real socket, with topics in memory. */
class EmbeddedBrokerTest {
  private final InMemoryTopics topics = new InMemoryTopics(1, new SettableTime());

  @TempDir Path folder;
  private EmbeddedBroker broker;

  @AfterEach
  void close() {
    broker.close();
  }

  private void open() {
    broker = EmbeddedBroker.open(folder.resolve("orders.sqlite"), new InMemoryPublisher(topics));
  }

  private void feed(String id) {
    TaskActivation task =
        TaskActivation.newBuilder()
            .setId(id)
            .setApplication("shop")
            .setNamespace("orders")
            .setTaskname("ship")
            .setReceivedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1_000))
            .setProcessingDeadlineDuration(30)
            .build();
    topics.append(TOPIC, null, task.toByteArray(), List.of());
    InMemorySource source = new InMemorySource(topics, broker.intake());
    while (topics.committed().isEmpty()) {
      source.turn();
      Thread.onSpinWait();
    }
    source.leave();
  }

  private String ship() throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", broker.port()).usePlaintext().build();
    try {
      var worker = ConsumerServiceGrpc.newBlockingStub(channel);
      TaskActivation task = worker.getTask(GetTaskRequest.getDefaultInstance()).getTask();
      worker.setTaskStatus(
          SetTaskStatusRequest.newBuilder()
              .setId(task.getId())
              .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
              .build());
      return task.getId();
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void aTask_isFedInByTheApplicationAndFetchedOverGrpc() throws InterruptedException {
    open();

    feed("order-1");

    assertThat(ship()).isEqualTo("order-1");
  }

  @Test
  void whatIsStored_outlivesTheApplication() throws InterruptedException {
    open();
    feed("order-1");
    broker.close();

    open();

    assertThat(ship()).isEqualTo("order-1");
  }
}
