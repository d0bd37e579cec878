package io.taskbroker.proving.tls;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.workload.load.FrameSignature;
import io.taskbroker.workload.load.Signature;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who connects anew for each question, and hears what it is told.
 *
 * @param identity what it shows and whom it trusts; null for one that speaks plain text
 * @param secret by which it signs; null for none
 */
record Caller(@Nullable Identity identity, @Nullable String secret) {
  private static final int PATIENCE_SECONDS = 30;
  private static final String PATH =
      "/" + ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName();
  private static final Metadata.Key<String> SIGNATURE =
      Metadata.Key.of("sentry-signature", Metadata.ASCII_STRING_MARSHALLER);

  /**
   * What a caller has heard.
   *
   * @param code OK if it was given a task, or was attached
   * @param reason in its own words or in the broker's
   */
  record Told(Status.Code code, String reason) {
    static Told of(Status status) {
      Throwable deepest = status.asRuntimeException();
      while (deepest.getCause() != null) {
        deepest = deepest.getCause();
      }
      return new Told(status.getCode(), String.valueOf(deepest.getMessage()));
    }
  }

  /** Asks for a task, of an application that has none. */
  Told asks(String address) {
    ManagedChannel channel = connect(address);
    GetTaskRequest request = GetTaskRequest.newBuilder().setApplication("nobody's").build();
    var headers = new Metadata();
    if (secret != null) {
      headers.put(SIGNATURE, Signature.of(secret, PATH, request.toByteArray()));
    }
    try {
      var _ =
          ConsumerServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .getTask(request);
      return new Told(Status.Code.OK, "");
    } catch (StatusRuntimeException e) {
      return Told.of(e.getStatus());
    } finally {
      channel.shutdownNow();
    }
  }

  /** Attaches itself, for tasks of an application that has none. */
  Told attaches(String address) {
    ManagedChannel channel = connect(address);
    var attaching = new Attaching();
    try {
      var _ =
          WorkerExchangeGrpc.newStub(channel)
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .exchange(attaching);
      return attaching.told.join();
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel connect(String address) {
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget(address);
    return (identity == null ? builder.usePlaintext() : builder.sslContext(identity.ofClient()))
        .build();
  }

  private final class Attaching implements ClientResponseObserver<SignedFrame, BrokerFrame> {
    private final CompletableFuture<Told> told = new CompletableFuture<>();
    private @Nullable StreamObserver<SignedFrame> broker;

    @Override
    public void beforeStart(ClientCallStreamObserver<SignedFrame> call) {
      broker = call;
    }

    @Override
    public void onNext(BrokerFrame frame) {
      if (frame.getFrameCase() == BrokerFrame.FrameCase.CHALLENGE && broker != null) {
        broker.onNext(hello(frame.getChallenge().getNonce()));
      } else {
        told.complete(new Told(Status.Code.OK, frame.getFrameCase().name()));
      }
    }

    private SignedFrame hello(ByteString nonce) {
      ByteString bytes =
          WorkerFrame.newBuilder()
              .setHello(
                  Hello.newBuilder().setName("caller").setVersion("1").setApplication("nobody's"))
              .build()
              .toByteString();
      SignedFrame.Builder signed = SignedFrame.newBuilder().setFrame(bytes);
      if (secret != null) {
        signed.setSignature(FrameSignature.of(secret, nonce, 0, bytes));
      }
      return signed.build();
    }

    @Override
    public void onError(Throwable failure) {
      told.complete(Told.of(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      told.complete(new Told(Status.Code.CANCELLED, "the broker has ended the stream"));
    }
  }
}
