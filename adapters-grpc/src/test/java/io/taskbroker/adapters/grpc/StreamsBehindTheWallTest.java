package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.taskbroker.testkit.SettableTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the outer wall asks of streams: a first message soon, each message within its time, and
 * nothing of the silence between them.
 */
@Timeout(120)
class StreamsBehindTheWallTest {
  private static final String PATH = "/test.Talk/Echo";
  private static final String SILENT = "/test.Talk/Silent";
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration WITHIN = Duration.ofSeconds(20);
  private static final int BYTES_IN_ALL = 100_000;

  private final SettableTime time = new SettableTime();
  private final CompletableFuture<StreamObserver<byte[]>> silent = new CompletableFuture<>();
  private final EventLoops loops = new EventLoops();
  private final OuterWall wall =
      new OuterWall(
          GrpcServerLimits.DEFAULT.with(
              new GrpcServerLimits.Requests(1 << 20, 1 << 14, BYTES_IN_ALL, WITHIN, FIRST)),
          10_000,
          time);
  private final Server server =
      NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .directExecutor()
          .bossEventLoopGroup(loops.accepting())
          .workerEventLoopGroup(loops.working())
          .channelFactory(loops.listeningThrough(wall.doorway(Optional.empty())))
          .addStreamTracerFactory(wall.calls())
          .addTransportFilter(wall.connections())
          .addService(talk())
          .permitKeepAliveTime(1, TimeUnit.MILLISECONDS)
          .build();
  private RawConnection connection;

  /** Answers each message with an empty one, and ends when somebody says so. */
  private ServerServiceDefinition talk() {
    MethodDescriptor<byte[], byte[]> echo =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(PATH.substring(1))
            .build();
    return ServerServiceDefinition.builder("test.Talk")
        .addMethod(echo, ServerCalls.asyncBidiStreamingCall(answers -> new Echo(answers, null)))
        .addMethod(
            echo.toBuilder().setFullMethodName(SILENT.substring(1)).build(),
            ServerCalls.asyncBidiStreamingCall(answers -> new Echo(answers, silent)))
        .build();
  }

  /**
   * @param silent given what ends the stream; null if its client's end is its own
   */
  private record Echo(
      StreamObserver<byte[]> answers, @Nullable CompletableFuture<StreamObserver<byte[]>> silent)
      implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      answers.onNext(new byte[0]);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      if (silent == null) {
        answers.onCompleted();
      } else {
        silent.complete(answers);
      }
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
    connection = new RawConnection(server.getPort()).greet();
    connection.awaitSettings();
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    loops.close();
  }

  private void talk(int stream) throws IOException {
    connection.open(stream, PATH, Map.of());
  }

  private static byte[] whole(int bytes) {
    return RawConnection.message(0, bytes, new byte[bytes]);
  }

  private static byte[] half(int bytes) {
    return RawConnection.message(0, 2 * bytes, new byte[bytes]);
  }

  /** Waits until the wall has looked at this connection: what nobody says a word on is ended. */
  private void awaitLook(int silent) throws Exception {
    assertThat(connection.statusOf(silent)).isEqualTo("reset");
  }

  @Test
  void withoutAFirstMessage_itIsEnded() throws Exception {
    talk(1);
    connection.awaitTaken();
    time.advance(FIRST.plusMillis(1));

    assertThat(connection.statusOf(1)).isEqualTo("reset");
  }

  @Test
  void silenceAfterAMessage_endsNothing() throws Exception {
    talk(1);
    connection.begin(1, whole(10));
    talk(3);
    connection.awaitTaken();
    time.advance(Duration.ofHours(1));
    awaitLook(3);

    connection.finish(1, whole(10));

    assertThat(connection.statusOf(1)).isEqualTo("0");
  }

  @Test
  void aServerThatIsSilentForLong_mayGoOn() throws Exception {
    connection.open(1, SILENT, Map.of());
    connection.finish(1, whole(10));
    StreamObserver<byte[]> answers = silent.get();
    talk(3);
    connection.awaitTaken();
    time.advance(Duration.ofHours(1));
    awaitLook(3);

    answers.onCompleted();

    assertThat(connection.statusOf(1)).isEqualTo("0");
  }

  @Test
  void aMessageThatTakesTooLong_endsIt_thoughOthersCameBefore() throws Exception {
    talk(1);
    connection.begin(1, whole(10));
    connection.begin(1, half(10));
    talk(3);
    connection.begin(3, whole(10));
    connection.awaitTaken();
    time.advance(WITHIN.plusMillis(1));

    assertThat(connection.statusOf(1)).isEqualTo("reset");
    connection.finish(3, whole(10));
    assertThat(connection.statusOf(3)).isEqualTo("0");
  }

  @Test
  void messagesThatWereHandedOn_takeNoRoom() throws Exception {
    talk(1);
    for (int i = 0; i < 50; i++) {
      connection.begin(1, whole(1_000));
      connection.awaitTaken();
    }
    for (int i = 0; i < 60; i++) { // more than may be kept in all
      connection.begin(1, whole(2_000));
      connection.awaitTaken();
    }

    connection.finish(1, new byte[0]);

    assertThat(connection.statusOf(1)).isEqualTo("0");
  }

  @Test
  void messagesThatAreNotWhole_areBoundedInAll() throws Exception {
    for (int stream = 1; stream < 40; stream += 2) {
      talk(stream);
      connection.begin(stream, whole(10));
      connection.begin(stream, half(10_000));
    }

    assertThat(connection.statusOf(1)).isEqualTo("reset");
  }
}
