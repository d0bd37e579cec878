package io.taskbroker.adapters.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the broker's own workers to the broker, over one connection in plain text. What is told
 * of a call is told on the connection's thread. Safe for all threads.
 */
final class OwnCalls implements AutoCloseable {
  private final ManagedChannel broker;
  private final Signatures signatures;

  /**
   * @param secrets the first of them signs each request; none at all signs nothing
   */
  OwnCalls(InetSocketAddress broker, List<String> secrets) {
    this.broker = NettyChannelBuilder.forAddress(broker).usePlaintext().directExecutor().build();
    this.signatures = new Signatures(secrets);
  }

  /** Signatures are made over the bytes of a request. */
  static <Q, A> MethodDescriptor<byte[], A> asBytes(MethodDescriptor<Q, A> method) {
    return method.toBuilder(Marshallers.BYTES, method.getResponseMarshaller()).build();
  }

  /**
   * Asks once.
   *
   * @param onAnswer given the answer, if there is one
   * @param onFailure given how it ended, if there is none
   */
  <A> void call(
      MethodDescriptor<byte[], A> method,
      byte[] request,
      Metadata headers,
      Consumer<A> onAnswer,
      Consumer<Status> onFailure) {
    ClientCall<byte[], A> call = open(method);
    String signature = signature("/" + method.getFullMethodName(), List.of(request));
    if (signature != null) {
      headers.put(Signatures.HEADER, signature);
    }
    call.start(
        new ClientCall.Listener<>() {
          private @Nullable A answer;

          @Override
          public void onMessage(A message) {
            answer = message;
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            if (answer != null) {
              onAnswer.accept(answer);
            } else {
              onFailure.accept(status);
            }
          }
        },
        headers);
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }

  <Q, A> ClientCall<Q, A> open(MethodDescriptor<Q, A> method) {
    return broker.newCall(method, CallOptions.DEFAULT);
  }

  /** Null where nothing is signed. */
  @Nullable String signature(String path, List<byte[]> parts) {
    return signatures.sign(path, parts);
  }

  /** Ends the connection, and with it all calls; returns at once. */
  @Override
  public void close() {
    broker.shutdownNow();
  }
}
