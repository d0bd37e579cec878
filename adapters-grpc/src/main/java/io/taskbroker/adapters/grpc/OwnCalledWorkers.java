package io.taskbroker.adapters.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.util.NetUtil;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.PushTaskResponse;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers within the broker's own process that it calls, for tasks of its own. They accept whatever
 * is signed with their secret, do nothing with it, and report it done: what has come during one
 * report is in the next.
 *
 * <p>Every process of this host can connect. What one without the secret sends is refused and not
 * kept, and how much it can have under way is bounded.
 *
 * <p>Once a report has failed nothing more is reported.
 */
public final class OwnCalledWorkers implements AutoCloseable {
  /** The broker makes up to {@link GrpcWorkersSettings#MAX_CONNECTIONS}. */
  static final int MOST_CONNECTIONS = 2 * GrpcWorkersSettings.MAX_CONNECTIONS;

  /** The tasks are small. */
  static final int MOST_BYTES = 4 * 1024;

  private static final int MOST_CALLS = 64;

  private static final MethodDescriptor<byte[], PushTaskResponse> PUSH =
      OwnCalls.asBytes(WorkerServiceGrpc.getPushTaskMethod());

  private static final MethodDescriptor<byte[], SetBatchActivationStatusResponse> REPORT =
      OwnCalls.asBytes(ConsumerServiceGrpc.getSetBatchActivationStatusMethod());

  private final Signatures signatures;
  private final IntConsumer onDone;
  private final EventLoops loops = new EventLoops();
  private final Server server;

  /** Accepted, and not reported. Guards itself and {@link #isReporting}. */
  private final List<String> accepted = new ArrayList<>();

  private boolean isReporting;

  private volatile @Nullable OwnCalls broker;

  /**
   * Listens from now on, on the loopback alone.
   *
   * @param secret what is pushed must be signed with it
   * @param onDone told how many tasks more are reported, and the broker has answered that; by any
   *     thread of the connection
   */
  public OwnCalledWorkers(String secret, IntConsumer onDone) {
    this.signatures = new Signatures(List.of(secret));
    this.onDone = onDone;
    try {
      this.server = build().start();
    } catch (IOException e) {
      loops.close();
      throw new UncheckedIOException(e);
    }
  }

  private Server build() {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .bossEventLoopGroup(loops.accepting())
        .workerEventLoopGroup(loops.working())
        .channelFactory(loops.listeningThrough(new Doorway()))
        .addService(service())
        .maxInboundMessageSize(MOST_BYTES)
        .maxConcurrentCallsPerConnection(MOST_CALLS)
        .build();
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(WorkerServiceGrpc.SERVICE_NAME)
        .addMethod(PUSH, Pushed::new)
        .build();
  }

  /** Where they are called. */
  public WorkerAddress address() {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort());
    return WorkerAddress.of("http://" + NetUtil.toSocketAddressString(address));
  }

  /**
   * Says where the broker is served, in plain text. To be called once, before it calls.
   *
   * @param secrets the first of them signs reports; none at all signs nothing
   */
  public void reportTo(InetSocketAddress address, List<String> secrets) {
    broker = new OwnCalls(address, secrets);
  }

  private void accept(String id) {
    synchronized (accepted) {
      accepted.add(id);
      if (isReporting) {
        return;
      }
      isReporting = true;
    }
    Context.ROOT.run(this::report); // not in that of the push, with which it would end
  }

  private void report() {
    SetBatchActivationStatusRequest.Builder reports = SetBatchActivationStatusRequest.newBuilder();
    synchronized (accepted) {
      accepted.forEach(id -> reports.addUpdates(doneOf(id)));
      accepted.clear();
      isReporting = reports.getUpdatesCount() > 0;
      if (!isReporting) {
        return;
      }
    }
    Objects.requireNonNull(broker, "they do not know whom to report to")
        .call(
            REPORT,
            reports.build().toByteArray(),
            new Metadata(),
            _ -> {
              onDone.accept(reports.getUpdatesCount());
              report();
            },
            _ -> {});
  }

  private static SetTaskStatusRequest doneOf(String id) {
    return SetTaskStatusRequest.newBuilder()
        .setId(id)
        .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
        .build();
  }

  /** Ends what is under way; returns at once. */
  @Override
  public void close() {
    server.shutdownNow();
    loops.close();
    OwnCalls present = broker;
    if (present != null) {
      present.close();
    }
  }

  /** One push; its request comes whole or not at all. */
  private final class Pushed extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], PushTaskResponse> call;
    private final Metadata headers;

    Pushed(ServerCall<byte[], PushTaskResponse> call, Metadata headers) {
      this.call = call;
      this.headers = headers;
      call.request(1);
    }

    @Override
    public void onMessage(byte[] request) {
      String objection = signatures.objection(headers, PushCall.PATH, request);
      if (objection != null) {
        call.close(Status.UNAUTHENTICATED.withDescription(objection), new Metadata());
        return;
      }
      call.sendHeaders(new Metadata());
      call.sendMessage(PushTaskResponse.getDefaultInstance());
      call.close(Status.OK, new Metadata());
      accept(idOf(request));
    }

    private static String idOf(byte[] request) {
      try {
        return PushTaskRequest.parseFrom(request).getTask().getId();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("the broker has pushed what is no task", e);
      }
    }
  }

  /** Lets so many connections in at a time, and closes what comes besides. */
  private static final class Doorway extends ChannelInboundHandlerAdapter {
    private final AtomicInteger open = new AtomicInteger();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var connection = (Channel) message;
      if (open.incrementAndGet() > MOST_CONNECTIONS) {
        open.decrementAndGet();
        connection.unsafe().closeForcibly();
        return;
      }
      var _ = connection.closeFuture().addListener(_ -> open.decrementAndGet());
      context.fireChannelRead(connection);
    }
  }
}
