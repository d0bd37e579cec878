package io.taskbroker.fuzzing;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.store.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** The server that workers call, over a store with a few tasks, and a connection to it. */
final class OwnServer implements AutoCloseable {
  static final TimeSource TIME =
      () -> new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);

  private static final int TASKS = 8;
  private static final long PATIENCE_SECONDS = 60;

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException("reading from memory does no I/O", e);
          }
        }
      };

  private final ModelStore store = new ModelStore(new EngineSettings(Duration.ZERO, 0), TIME);
  private final GrpcServer server;
  private final ManagedChannel channel;

  OwnServer() {
    var dispatch = new Dispatch(store, Dispatch.Mode.PULL, TIME);
    server =
        new GrpcServer(
                new GrpcServerSettings("127.0.0.1", 0, List.of()),
                GrpcServerLimits.DEFAULT,
                dispatch,
                new Exchange(store, store, TIME, EventSink.none()),
                new Health(new HealthSettings(Duration.ofSeconds(5), false)),
                TIME)
            .start();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port())
            .usePlaintext()
            .directExecutor()
            .build();
  }

  int port() {
    return server.port();
  }

  /** Sees to it that there are a few tasks, most of which can be handed out. */
  void restock() {
    for (Sweep kind : Sweep.values()) {
      var _ = store.sweep(kind, TASKS);
    }
    for (Lane lane : Lane.values()) {
      store.published(
          store.take(lane, TASKS, Long.MAX_VALUE).stream()
              .map(taken -> taken.row().key())
              .toList());
    }
    List<NewActivation> all =
        IntStream.range(0, TASKS)
            .mapToObj(
                i ->
                    Activations.pending("task-" + i)
                        .deadline(Duration.ZERO)
                        .payload(Samples.full("task-" + i).toByteArray())
                        .arriving())
            .toList();
    var _ = store.add(all, new AssignmentEpoch()); // but for those that are there
  }

  /**
   * Calls a method with these messages, and ends the call from our side.
   *
   * @return how the server has ended it
   * @throws Finding if it does not end it
   */
  Status call(String method, MethodDescriptor.MethodType type, List<byte[]> messages) {
    var descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setType(type)
            .setFullMethodName(method)
            .build();
    ClientCall<byte[], byte[]> call = channel.newCall(descriptor, CallOptions.DEFAULT);
    var end = new CompletableFuture<Status>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    messages.forEach(call::sendMessage);
    call.halfClose();
    try {
      return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new Finding("the server does not end a call of " + method, e);
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("nobody interrupts or fails this", e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
  }
}
