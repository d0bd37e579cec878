package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import io.taskbroker.testkit.SettableTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How many connections have a seat, step by step: there is one seat. */
class OuterWallSeatsTest {
  private static final int WAITING = 16;

  private static final GrpcServerLimits LIMITS =
      GrpcServerLimits.DEFAULT.with(
          new GrpcServerLimits.Connections(
              1,
              0,
              WAITING,
              256,
              Duration.ofSeconds(20),
              Duration.ofMinutes(10),
              Duration.ofMinutes(30),
              Duration.ofMinutes(1)));

  private final OuterWall wall = new OuterWall(LIMITS, 10_000, new SettableTime());
  private final EmbeddedChannel doorway = new EmbeddedChannel(wall.doorway(Optional.empty()));

  /** Its first call is judged before its thread has come to hang up. */
  @Test
  void whoIsReplaced_andAsksBeforeItIsClosed_givesBackOneSeatAtMost() {
    Connection replaced = connect(0);
    for (int i = 1; i < WAITING; i++) {
      connect(i);
    }
    Connection second = connect(WAITING);

    assertThat(wall.seats(replaced.attributes())).isTrue();
    replaced.channel().runPendingTasks();
    assertThat(replaced.channel().isOpen()).isFalse();

    assertThat(wall.seats(second.attributes())).isTrue();
    Connection third = connect(WAITING + 1);
    assertThat(wall.seats(third.attributes())).isFalse();
    var _ = second.channel().close();
    assertThat(wall.seats(third.attributes())).isTrue();
  }

  private record Connection(EmbeddedChannel channel, Attributes attributes) {}

  private Connection connect(int number) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000 + number);
    var channel =
        new EmbeddedChannel() {
          @Override
          protected SocketAddress remoteAddress0() {
            return address;
          }
        };
    doorway.writeInbound(channel);
    Attributes known =
        Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, address).build();
    return new Connection(channel, wall.connections().transportReady(known));
  }
}
