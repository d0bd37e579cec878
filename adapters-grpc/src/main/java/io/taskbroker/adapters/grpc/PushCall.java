package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One offer of a task to a worker, from the request's bytes to what became of it. */
final class PushCall extends ClientCall.Listener<byte[]> {
  static final String PATH = "/" + WorkerServiceGrpc.getPushTaskMethod().getFullMethodName();

  private static final MethodDescriptor<byte[], byte[]> METHOD =
      WorkerServiceGrpc.getPushTaskMethod().toBuilder(Marshallers.TASK, Marshallers.BYTES).build();

  private final Duration timeout;
  private final CompletableFuture<Answer> answer;
  private volatile Attempt attempt = new Attempt();

  /**
   * @param answer completed on a thread of the connection, at the latest when the time is over
   */
  PushCall(Duration timeout, CompletableFuture<Answer> answer) {
    this.timeout = timeout;
    this.answer = answer;
  }

  /** Sends, and returns at once. To be called once. */
  void send(byte[] payload, Metadata headers, Channel workers) {
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .withStreamTracerFactory(new Watch());
    ClientCall<byte[], byte[]> call = workers.newCall(METHOD, options);
    call.start(this, headers);
    try {
      call.request(2); // as for any single answer: a second one is an error, and is found so
      call.sendMessage(payload);
      call.halfClose();
    } catch (Throwable e) { // no memory for it, too
      call.cancel("The task could not be sent", e);
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    answer.complete(PushAnswers.of(status, attempt.reach(), timeout));
  }

  /**
   * A request that certainly reached no worker may be sent again by the connection itself; then
   * only the last attempt counts.
   */
  private final class Watch extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      attempt = new Attempt();
      return attempt;
    }
  }

  /** How far one attempt has got. */
  private static final class Attempt extends ClientStreamTracer {
    /** A ready connection has been given the request. */
    private volatile boolean begun;

    /** The request's first bytes are out, so the rest may be. */
    private volatile boolean left;

    /** The end came from a server, and not from the connection. */
    private volatile boolean answered;

    PushAnswers.Reach reach() {
      return new PushAnswers.Reach(begun, left, answered);
    }

    @Override
    public void streamCreated(Attributes connection, Metadata headers) {
      begun = true;
    }

    @Override
    public void outboundHeaders() {
      left = true;
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      answered = true;
    }
  }
}
