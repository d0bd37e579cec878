package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.adapters.grpc.BreakingRelay.Break;
import io.taskbroker.adapters.grpc.BreakingRelay.Passes;
import io.taskbroker.adapters.grpc.BreakingRelay.Side;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A worker's connection breaks at each frame in turn, of either side, between frames and within
 * them. The worker comes again each time.
 */
@Timeout(240)
class BrokenStreamsTest {
  private static final List<String> TASKS = List.of("plain", "long", "back");
  private static final List<String> AT_MOST_ONCE = List.of("once", "long-once", "back-once");

  /** Longer than a task's deadline with its grace. */
  private static final Duration DEADLINE = Duration.ofSeconds(14);

  /** Longer than a session rests after a claim that failed, as one does that time passes over. */
  private static final Duration MOMENT = Duration.ofMillis(300);

  /** Far more than such a talk has. */
  private static final int MOST_FRAMES = 500;

  static Stream<Arguments> sides() {
    return Stream.of(Side.values())
        .flatMap(side -> Stream.of(Passes.values()).map(passes -> Arguments.of(side, passes)));
  }

  @ParameterizedTest
  @MethodSource("sides")
  void nothingIsLost_andNothingAtMostOnceIsBegunTwice(Side side, Passes passes) throws Exception {
    int frame = 0;
    while (play(new Break(side, passes, frame))) {
      frame++;
      assertThat(frame).as("frames of a talk that does not end").isLessThan(MOST_FRAMES);
    }
    assertThat(frame).as("frames of a whole talk").isGreaterThan(10);
  }

  /** Whether the connection came as far as the break. */
  private static boolean play(Break at) throws Exception {
    try (BrokerFixture broker = BrokerFixture.start();
        GrpcServer server = serve(broker);
        var relay = new BreakingRelay(server.port(), at)) {
      TASKS.forEach(id -> broker.produce(Activations.pending(id)));
      AT_MOST_ONCE.forEach(id -> broker.produce(Activations.pending(id).atMostOnce()));
      broker.await("all tasks", () -> broker.broker().vitals().depths().pending() == 6);
      var worker = new DiligentWorker();

      int port = relay.port();
      while (!work(worker, broker, port)) {
        port = server.port();
      }

      assertThat(worker.over).as("over, %s", at).containsAll(TASKS);
      assertThat(worker.recorded.values()).as("recorded, %s", at).containsOnly(1);
      assertThat(worker.begun).as("begun, %s", at).containsKeys(TASKS.toArray(String[]::new));
      for (String id : AT_MOST_ONCE) {
        assertThat(worker.begun.getOrDefault(id, 0)).as("%s, %s", id, at).isLessThanOrEqualTo(1);
      }
      return relay.hasBroken();
    }
  }

  private static GrpcServer serve(BrokerFixture broker) {
    return new GrpcServer(
            new GrpcServerSettings("127.0.0.1", 0, List.of()),
            GrpcServerLimits.DEFAULT,
            broker.broker().dispatch(),
            broker.broker().exchange(),
            new Health(new HealthSettings(Duration.ofSeconds(5), false)),
            broker.time())
        .start();
  }

  private static boolean work(DiligentWorker worker, BrokerFixture broker, int port)
      throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return worker.work(
          channel,
          () -> broker.broker().vitals().depths().unfinished() == 0,
          () -> letTimePass(broker));
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * Time passes only while the worker is idle. What was on its way when the stream broke is
   * nobody's until its deadline; a claim that failed is tried again after a moment.
   */
  private static void letTimePass(BrokerFixture broker) {
    boolean isOnItsWay = broker.broker().vitals().depths().processing() > 0;
    broker.time().advance(isOnItsWay ? DEADLINE : MOMENT);
  }
}
