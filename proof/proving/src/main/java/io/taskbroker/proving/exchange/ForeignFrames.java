package io.taskbroker.proving.exchange;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.load.FrameSignature;
import java.util.HexFormat;

/** Frames of peers that do not know the secret, and signatures that were meant for others. */
final class ForeignFrames {
  private static final ByteString HELLO =
      WorkerFrame.newBuilder().setHello(Hello.getDefaultInstance()).build().toByteString();
  private static final ByteString CREDIT =
      WorkerFrame.newBuilder().setCredit(Credit.newBuilder().setTasks(1)).build().toByteString();
  private static final Metadata.Key<String> SIGNATURE =
      Metadata.Key.of("sentry-signature", Metadata.ASCII_STRING_MARSHALLER);

  private final Stage stage;
  private final String address;
  private final String secret;
  private final Verdict verdict;

  ForeignFrames(Stage stage, String address, String secret, Verdict verdict) {
    this.stage = stage;
    this.address = address;
    this.secret = secret;
    this.verdict = verdict;
  }

  void play() {
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      frames(channel);
      signedElsewhere(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private void frames(ManagedChannel channel) {
    var good = new RawStream(channel);
    good.send(signed(good, 0, HELLO));
    verdict.expect("right_frame_let_in", 1, good.hears().hasWelcome() ? 1 : 0);

    var unsigned = new RawStream(channel);
    unsigned.send(SignedFrame.newBuilder().setFrame(HELLO).build());
    refused("unsigned frame", unsigned);

    var wrong = new RawStream(channel);
    wrong.send(
        SignedFrame.newBuilder()
            .setFrame(HELLO)
            .setSignature(FrameSignature.of("wrong", wrong.nonce(), 0, HELLO))
            .build());
    refused("wrong secret", wrong);

    var replayed = new RawStream(channel);
    replayed.send(signed(good, 0, HELLO));
    refused("frame of another stream", replayed);

    var twice = new RawStream(channel);
    twice.send(signed(twice, 0, HELLO));
    twice.send(signed(twice, 1, CREDIT));
    twice.send(signed(twice, 1, CREDIT));
    refused("frame sent twice", twice);

    var skipping = new RawStream(channel);
    skipping.send(signed(skipping, 0, HELLO));
    skipping.send(signed(skipping, 2, CREDIT));
    refused("frame left out", skipping);

    var cut = new RawStream(channel);
    SignedFrame whole = signed(cut, 0, HELLO);
    cut.send(whole.toBuilder().setSignature(whole.getSignature().substring(1)).build());
    refused("signature cut", cut);

    var shortened = new RawStream(channel);
    shortened.send(signed(shortened, 0, HELLO));
    SignedFrame credit = signed(shortened, 1, CREDIT);
    shortened.send(credit.toBuilder().setFrame(CREDIT.substring(0, CREDIT.size() - 1)).build());
    refused("frame cut", shortened);
  }

  private SignedFrame signed(RawStream stream, long number, ByteString frame) {
    return SignedFrame.newBuilder()
        .setFrame(frame)
        .setSignature(FrameSignature.of(secret, stream.nonce(), number, frame))
        .build();
  }

  private void refused(String what, RawStream stream) {
    Status status = stream.end();
    stage.say(what + ": " + status.getCode() + " \"" + status.getDescription() + "\"");
    verdict.expect(
        what.replace(' ', '_'), 1, status.getCode() == Status.Code.UNAUTHENTICATED ? 1 : 0);
  }

  /**
   * A peer that plays the broker chooses the nonce, and so most of what a worker signs. It tries to
   * have that taken as the signature of a call that hands tasks back.
   */
  private void signedElsewhere(ManagedChannel channel) {
    HandBackRequest request =
        HandBackRequest.newBuilder()
            .addAttempts(Attempt.newBuilder().setId("x".repeat(FrameSignature.NONCE_BYTES)))
            .build();
    ByteString body = request.toByteString();
    ByteString nonce = body.substring(0, FrameSignature.NONCE_BYTES);
    Metadata headers = new Metadata();
    headers.put(
        SIGNATURE,
        HexFormat.of().formatHex(FrameSignature.of(secret, nonce, 0, HELLO).toByteArray()));
    Status.Code code = Status.Code.OK;
    try {
      var _ =
          WorkerExchangeGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .handBack(request);
    } catch (StatusRuntimeException e) {
      code = e.getStatus().getCode();
    }
    verdict.expect("nonce_good_for_another_call", 0, code == Status.Code.UNAUTHENTICATED ? 0 : 1);
    verdict.expect("nonce_of_another_length_signed", 0, signs(body) ? 1 : 0);
  }

  private boolean signs(ByteString nonce) {
    try {
      var _ = FrameSignature.of(secret, nonce, 0, HELLO);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
