package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.Refusals;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.TaskActivation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server on a free port, over a store with tasks, and clients of it. */
final class TestServer implements AutoCloseable {
  static final TimeSource TIME =
      () -> new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);

  final StoreWithTasks store = new StoreWithTasks();
  final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
  final GrpcServer server;
  private final Dispatch dispatch;
  private final List<ManagedChannel> channels = new ArrayList<>();

  TestServer(GrpcServerLimits limits, String... secrets) {
    this(limits, Dispatch.Mode.PULL, secrets);
  }

  TestServer(GrpcServerLimits limits, Dispatch.Mode mode, String... secrets) {
    this(limits, mode, new GrpcServerSettings("127.0.0.1", 0, List.of(secrets)), TIME);
  }

  /** Over a store that goes by the real time. */
  TestServer(GrpcServerLimits limits, TimeSource time) {
    this(limits, Dispatch.Mode.PULL, new GrpcServerSettings("127.0.0.1", 0, List.of()), time);
  }

  /** With settings of its own. */
  TestServer(GrpcServerLimits limits, GrpcServerSettings settings) {
    this(limits, Dispatch.Mode.PULL, settings, TIME);
  }

  private TestServer(
      GrpcServerLimits limits, Dispatch.Mode mode, GrpcServerSettings settings, TimeSource time) {
    dispatch = new Dispatch(store, mode, time);
    server = new GrpcServer(settings, limits, dispatch, exchangeOfNothing(), health, time).start();
  }

  /** Of calls for their signature. */
  Refusals refusals() {
    return dispatch.refusals();
  }

  /** For those who do not name attempts. */
  static Exchange exchangeOfNothing() {
    return new Exchange(new NoAttempts(), new StoreWithTasks(), TIME, EventSink.none());
  }

  TestServer(String... secrets) {
    this(GrpcServerLimits.DEFAULT, secrets);
  }

  /** A task whose payload is a real message of some {@code bytes} more. */
  TaskActivation add(String id, String application, Delivery delivery, int bytes) {
    TaskActivation task = task(id, application, bytes);
    store.add(id, application, delivery, task.toByteArray());
    return task;
  }

  static TaskActivation task(String id, String application, int bytes) {
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication(application)
        .setParametersBytes(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  TaskActivation add(String id) {
    return add(id, "shop", Delivery.AT_LEAST_ONCE, 100);
  }

  /** A new connection. */
  ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port())
            .usePlaintext()
            .maxInboundMessageSize(100 * 1024 * 1024)
            .flowControlWindow(65_535)
            .build();
    channels.add(channel);
    return channel;
  }

  /** A worker with a connection of its own. */
  ConsumerServiceBlockingStub worker() {
    return ConsumerServiceGrpc.newBlockingStub(connect())
        .withInterceptors(
            new ClientInterceptor() {
              @Override
              public <Q, A> io.grpc.ClientCall<Q, A> interceptCall(
                  io.grpc.MethodDescriptor<Q, A> method,
                  io.grpc.CallOptions options,
                  io.grpc.Channel next) {
                return next.newCall(method, options.withDeadlineAfter(Duration.ofMinutes(1)));
              }
            });
  }

  /** The same, with headers. */
  ConsumerServiceBlockingStub worker(Metadata headers) {
    return worker().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    store.close();
  }
}
