package io.taskbroker.adapters.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Workers that are called: they keep what they are sent, and answer as they are told. */
final class CalledWorkers implements AutoCloseable {
  /**
   * What came over the wire.
   *
   * @param signature null if there was none
   */
  record Call(String path, byte[] body, @Nullable String signature) {}

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final Function<Call, @Nullable Status> answers;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  /**
   * @param port 0 for a free one
   * @param answers null for no answer at all
   */
  CalledWorkers(int port, int maxBytes, Function<Call, @Nullable Status> answers)
      throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), maxBytes, answers, true);
  }

  private CalledWorkers(
      InetSocketAddress address,
      int maxBytes,
      Function<Call, @Nullable Status> answers,
      boolean withHealth)
      throws IOException {
    this.answers = answers;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .directExecutor()
            .maxInboundMessageSize(maxBytes)
            .addService(service());
    if (withHealth) {
      builder.addService(health.getHealthService());
    }
    this.server = builder.build().start();
  }

  /** At another address of this host, such as 127.0.0.2. */
  static CalledWorkers at(InetSocketAddress address) throws IOException {
    return new CalledWorkers(address, 10 * 1024 * 1024, _ -> Status.OK, true);
  }

  static CalledWorkers withoutHealth(Status status) throws IOException {
    return new CalledWorkers(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        10 * 1024 * 1024,
        _ -> status,
        false);
  }

  /** From here on the health service says so. */
  void health(ServingStatus status) {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
  }

  /** The connections to an application's workers, once there are so many. */
  static List<WorkerConnection> connections(GrpcWorkers calling, String application, int count) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (System.nanoTime() < end) {
      List<WorkerConnection> found = calling.workers(application).connections();
      if (found.size() == count) {
        return found;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("there are not " + count + " but " + calling.workers(application));
  }

  /** How many calls came. */
  int calls() {
    return calls.size();
  }

  static CalledWorkers answering(Status status) throws IOException {
    return new CalledWorkers(0, 10 * 1024 * 1024, _ -> status);
  }

  int port() {
    return server.getPort();
  }

  WorkerAddress address() {
    return new WorkerAddress("127.0.0.1", port());
  }

  /** The next call that came; fails if there is none within a minute. */
  Call take() throws InterruptedException {
    Call call = calls.poll(1, TimeUnit.MINUTES);
    if (call == null) {
      throw new AssertionError("nothing was pushed");
    }
    return call;
  }

  /** Breaks all connections. */
  @Override
  public void close() {
    server.shutdownNow();
  }

  private ServerServiceDefinition service() {
    MethodDescriptor<byte[], byte[]> pushTask =
        WorkerServiceGrpc.getPushTaskMethod().toBuilder(Marshallers.BYTES, Marshallers.BYTES)
            .build();
    return ServerServiceDefinition.builder(WorkerServiceGrpc.SERVICE_NAME)
        .addMethod(
            pushTask,
            (call, headers) -> {
              call.request(2);
              return new Listener(call, headers);
            })
        .build();
  }

  private final class Listener extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> call;
    private final Metadata headers;

    Listener(ServerCall<byte[], byte[]> call, Metadata headers) {
      this.call = call;
      this.headers = headers;
    }

    @Override
    public void onMessage(byte[] message) {
      String path = "/" + call.getMethodDescriptor().getFullMethodName();
      var received = new Call(path, message, headers.get(Signatures.HEADER));
      calls.add(received);
      Status answer = answers.apply(received);
      if (answer == null) {
        return;
      }
      if (answer.isOk()) {
        call.sendHeaders(new Metadata());
        call.sendMessage(new byte[0]);
      }
      call.close(answer, new Metadata());
    }
  }

  /** As real workers do: lets in what is signed with one of its secrets. */
  static Function<Call, @Nullable Status> checking(String... secrets) {
    var signatures = new Signatures(List.of(secrets));
    return call -> {
      var headers = new Metadata();
      if (call.signature() != null) {
        headers.put(Signatures.HEADER, call.signature());
      }
      return signatures.objection(headers, call.path(), call.body()) == null
          ? Status.OK
          : Status.UNAUTHENTICATED.withDescription("Authentication failed");
    };
  }
}
