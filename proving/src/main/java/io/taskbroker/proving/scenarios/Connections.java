package io.taskbroker.proving.scenarios;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proving.kafka.RawTopic;
import io.taskbroker.proving.kafka.Topics;
import io.taskbroker.proving.ledger.TaskKind;
import io.taskbroker.proving.load.Workers;
import io.taskbroker.proving.process.BrokerProcess;
import io.taskbroker.proving.process.StoreView;
import io.taskbroker.proving.process.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Clients that ask and never read, that leave in the middle, and very many: the others are fine.
 */
final class Connections implements Scenario {
  private static final int RATE = 200;
  private static final int ASKED = 200;
  private static final int HOARDERS = 5;
  private static final int LARGE_BYTES = 4_900_000;
  private static final int LARGE_TASKS = 60;
  private static final int OPEN = 1_000;
  private static final Duration PHASE = Duration.ofSeconds(12);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final TaskKind QUICK = TaskKind.quick("connections.quick");
  private static final String OTHERS = "hoarded";

  private static final GetTaskRequest LARGE =
      GetTaskRequest.newBuilder().setApplication(OTHERS).build();

  private static final SetTaskStatusRequest REPORT =
      SetTaskStatusRequest.newBuilder()
          .setId("connections-unknown")
          .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
          .setFetchNextTask(FetchNextTask.newBuilder().setApplication(OTHERS))
          .build();

  private static final SetBatchActivationStatusRequest REPORTS =
      SetBatchActivationStatusRequest.newBuilder().addUpdates(REPORT).build();

  @Override
  public String name() {
    return "connections";
  }

  @Override
  public String promise() {
    return "clients that never read, that leave in the middle, and %d connections: p99 of the others"
        .formatted(OPEN);
  }

  /** Something that lasts while others work. */
  private interface Nuisance extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public Verdict play(Stage stage) {
    var verdict = new Verdict();
    var limits = Map.<String, Object>of("max_message_size", 6_000_000);
    try (Topics topics = Topics.at(stage.kafka().address())) {
      topics.create("connections", 1, Map.of("max.message.bytes", "6000000"));
    }
    try (Rig rig = Rig.on(stage, "connections", limits);
        BrokerProcess broker = rig.startBroker();
        StoreView view = rig.view();
        Workers workers = rig.startWorkers(rig.workers(8, 2).of("proving"), QUICK)) {
      storeLargeTasks(rig, view);
      phase(rig, workers); // the first is the JVM's warming up
      long before = phase(rig, workers);
      long unread;
      try (Nuisance _ = hoard(rig)) {
        unread = phase(rig, workers);
      }
      long between = phase(rig, workers);
      long left;
      try (Nuisance _ = leave(rig)) {
        left = phase(rig, workers);
      }
      long many;
      try (Nuisance _ = connect(rig)) {
        many = phase(rig, workers);
      }
      rig.awaitEnds(PATIENCE);
      long limit = 2 * Math.max(before, between);
      String takenBack = HostileClients.line(broker, "tasks back from workers");
      stage.say("of those that never read: " + takenBack);
      verdict
          .show("p99_before_us", before)
          .show("p99_between_us", between)
          .atMost("p99_beside_unread_us", limit, unread)
          .atMost("p99_beside_leaving_us", limit, left)
          .atMost("p99_beside_" + OPEN + "_us", limit, many)
          .expect("failed_calls", 0, workers.failedCalls())
          .expect("lost", 0, rig.ledger().account().open())
          .expect("errors", 0, rig.errorLines(broker))
          .expect("alive", 1, broker.process().isAlive() ? 1 : 0);
    }
    return verdict;
  }

  private static void storeLargeTasks(Rig rig, StoreView view) {
    try (var topic = new RawTopic(rig.settings().kafka(), rig.settings().topic())) {
      for (int i = 0; i < LARGE_TASKS; i++) {
        topic.send(
            TaskActivation.newBuilder()
                .setId("large-" + i)
                .setApplication(OTHERS)
                .setNamespace("proving")
                .setTaskname("connections.large")
                .setReceivedAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .setProcessingDeadlineDuration(600)
                .setParametersBytes(ByteString.copyFrom(new byte[LARGE_BYTES]))
                .build()
                .toByteArray());
      }
    }
    Waiting.until("the large tasks are stored", PATIENCE, () -> view.count() == LARGE_TASKS);
  }

  /** The p99 from the producer's send to a worker's hands, of tasks at a steady rate. */
  private static long phase(Rig rig, Workers workers) {
    rig.ledger().recentLatency();
    Histogram calls = workers.callMicros();
    long start = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - start < PHASE.toNanos()) {
      long due = (System.nanoTime() - start) * RATE / 1_000_000_000L;
      for (; sent < due; sent++) {
        rig.producer().produce(QUICK);
      }
      Waiting.pause(Duration.ofMillis(2));
    }
    rig.awaitEnds(PATIENCE);
    Histogram since = workers.callMicros();
    since.subtract(calls);
    return since.getValueAtPercentile(99);
  }

  /** Connections that ask for much, read nothing of it, and stay; more than fill all the room. */
  private static Nuisance hoard(Rig rig) {
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < HOARDERS; i++) {
      ManagedChannel channel = channel(rig);
      channels.add(channel);
      for (int call = 0; call < ASKED; call++) {
        ask(channel);
      }
    }
    return () -> channels.forEach(ManagedChannel::shutdownNow);
  }

  /** Breaks off each kind of call, then the connection, again and again, as long as it lasts. */
  private static Nuisance leave(Rig rig) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    ManagedChannel channel = channel(rig);
                    ask(channel);
                    breakOff(channel);
                    try {
                      Thread.sleep(20);
                    } catch (InterruptedException _) {
                      Thread.currentThread().interrupt();
                    }
                    channel.shutdownNow();
                  }
                });
    return () -> {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Connections of which each has been used, and stays. */
  private static Nuisance connect(Rig rig) {
    List<ManagedChannel> channels = new ArrayList<>();
    var nothing = GetTaskRequest.newBuilder().setApplication("nobody").build();
    for (int i = 0; i < OPEN; i++) {
      ManagedChannel channel = channel(rig);
      channels.add(channel);
      try {
        var _ = ConsumerServiceGrpc.newBlockingStub(channel).getTask(nothing);
        throw new IllegalStateException("there is a task for nobody");
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
          throw new IllegalStateException("connection " + i + " was not answered", e);
        }
      }
    }
    return () -> channels.forEach(ManagedChannel::shutdownNow);
  }

  private static ManagedChannel channel(Rig rig) {
    return ManagedChannelBuilder.forTarget(rig.settings().grpcAddress())
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(16 << 20)
        .build();
  }

  /** Each kind of call once before its request is whole, and once as soon as it has left. */
  private static void breakOff(ManagedChannel channel) {
    for (boolean whole : new boolean[] {false, true}) {
      begin(channel, ConsumerServiceGrpc.getGetTaskMethod(), LARGE, whole)
          .cancel("left in the middle", null);
      begin(channel, ConsumerServiceGrpc.getSetTaskStatusMethod(), REPORT, whole)
          .cancel("left in the middle", null);
      begin(channel, ConsumerServiceGrpc.getSetBatchActivationStatusMethod(), REPORTS, whole)
          .cancel("left in the middle", null);
    }
  }

  /** A call of which the answer's headers are taken, and nothing more. */
  private static void ask(ManagedChannel channel) {
    var _ = begin(channel, ConsumerServiceGrpc.getGetTaskMethod(), LARGE, true);
  }

  private static <Q, A> ClientCall<Q, A> begin(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q request, boolean whole) {
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.sendMessage(request);
    if (whole) {
      call.halfClose();
    }
    return call;
  }
}
