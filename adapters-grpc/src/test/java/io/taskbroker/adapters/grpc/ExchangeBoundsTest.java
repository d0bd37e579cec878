package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What workers that are attached by streams cost at most, whatever they do. */
@Timeout(120)
class ExchangeBoundsTest {
  private static final int WINDOW_BYTES = 65_535;
  private static final Duration FIRST = Duration.ofMillis(100);

  private final BrokerFixture broker = BrokerFixture.start();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private GrpcServer server = serve(GrpcServerLimits.DEFAULT);

  private GrpcServer serve(GrpcServerLimits limits) {
    return new GrpcServer(
            new GrpcServerSettings("127.0.0.1", 0, List.of()),
            limits,
            broker.broker().dispatch(),
            broker.broker().exchange(),
            new Health(new HealthSettings(Duration.ofSeconds(5), false)),
            broker.time())
        .start();
  }

  private void serveWithin(GrpcServerLimits limits) {
    server.close();
    server = serve(limits);
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port())
            .usePlaintext()
            .flowControlWindow(WINDOW_BYTES)
            .build();
    channels.add(channel);
    return channel;
  }

  private AttachedWorker attach() throws InterruptedException {
    AttachedWorker worker = AttachedWorker.of(connect());
    assertThat(worker.next().hasHeld()).isTrue();
    return worker;
  }

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    broker.close();
  }

  @Test
  void streamsHaveALimit() throws InterruptedException {
    serveWithin(GrpcServerLimits.DEFAULT.with(new GrpcServerLimits.Streams(2, 100)));
    AttachedWorker first = attach();
    attach();

    Status refusal = new AttachedWorker(connect(), null).end();
    assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal.getDescription()).contains("2 workers are attached");

    first.call.halfClose();
    assertThat(first.end().isOk()).isTrue();
    attach();
  }

  @Test
  void aStreamWithoutHelloIsEnded() throws InterruptedException {
    GrpcServerLimits.Requests usual = GrpcServerLimits.DEFAULT.requests();
    serveWithin(
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Requests(
                usual.bytes(), usual.metadataBytes(), usual.bytesInAll(), usual.within(), FIRST)));

    AttachedWorker silent = new AttachedWorker(connect(), null);
    broker.time().advance(FIRST.plusMillis(1));

    assertThat(silent.end().isOk()).isFalse();
  }

  @Test
  void aWorkerThatDoesNotReadIsSentLittle_andOthersGetTheRest() throws InterruptedException {
    int tasks = 300;
    int bytes = 100_000;
    broker
        .broker()
        .plant(
            IntStream.range(0, tasks)
                .mapToObj(i -> Activations.pending("t" + i).payload(new byte[bytes]).arriving())
                .toList());
    AttachedWorker stuck = attach();
    stuck.stopReading();
    stuck.credit(10_000, 1L << 30);
    broker.await("some", () -> broker.broker().vitals().depths().processing() > 0);

    AttachedWorker good = attach();
    good.credit(10_000, 1L << 30);

    assertThat(good.tasksUntil(() -> broker.broker().vitals().depths().pending() == 0))
        .as("tasks that the stuck worker does not have")
        .isGreaterThan(tasks - 50);
  }

  @Test
  void aWorkerThatReadsLateGetsEachAnswer() throws InterruptedException {
    int frames = 60;
    ExtendRequest.Builder many = ExtendRequest.newBuilder();
    IntStream.range(0, 5_000).forEach(i -> many.addExtensionsBuilder().setId("x").setToken(i));
    WorkerFrame frame = WorkerFrame.newBuilder().setExtend(many).build();
    AttachedWorker worker = attach();
    worker.stopReading();
    for (int i = 0; i < frames; i++) {
      worker.say(frame);
    }

    worker.readOn();

    for (int i = 0; i < frames; i++) {
      assertThat(worker.next().getAnswers().getAnswersCount()).isEqualTo(5_000);
    }
  }

  @Test
  void aBrokerThatDrainsLetsWorkersCome_andHandsOutNothing() throws InterruptedException {
    broker.broker().plant(List.of(Activations.pending("a").arriving()));
    broker.broker().drain();

    AttachedWorker worker = attach();
    worker.credit(1, 1 << 20);

    assertThat(worker.next().hasDraining()).isTrue();
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(1);
  }
}
