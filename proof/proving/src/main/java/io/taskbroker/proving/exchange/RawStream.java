package io.taskbroker.proving.exchange;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream to the broker that sends whatever it is given. */
final class RawStream extends ClientCall.Listener<BrokerFrame> {
  private static final int PATIENCE_SECONDS = 20;

  private final ClientCall<SignedFrame, BrokerFrame> call;
  private final BlockingQueue<BrokerFrame> heard = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final ByteString nonce;

  RawStream(ManagedChannel channel) {
    call = channel.newCall(WorkerExchangeGrpc.getExchangeMethod(), CallOptions.DEFAULT);
    call.start(this, new Metadata());
    call.request(1);
    nonce = hears().getChallenge().getNonce();
  }

  ByteString nonce() {
    return nonce;
  }

  void send(SignedFrame frame) {
    call.sendMessage(frame);
  }

  /** The next frame. */
  BrokerFrame hears() {
    try {
      BrokerFrame frame = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (frame == null) {
        throw new IllegalStateException("the broker has said nothing for 20 s");
      }
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How the broker has ended the stream. */
  Status end() {
    return end.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void onMessage(BrokerFrame frame) {
    heard.add(frame);
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end.complete(status);
  }
}
