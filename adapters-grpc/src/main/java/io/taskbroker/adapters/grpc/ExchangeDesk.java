package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.WorkerPrograms;
import io.taskbroker.application.exchange.Exchange;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all streams of workers share, and how they begin. Safe for all threads. */
final class ExchangeDesk implements ServerCallHandler<byte[], InputStream> {
  private static final int NONCE_BYTES = 32;

  private static final Status NOT_ASKED =
      Status.PERMISSION_DENIED.withDescription("Cannot call while broker is in PUSH mode");

  private final WorkerCall.Desk desk;
  private final Exchange exchange;
  private final ConnectionAges ages;
  private final Duration longestPause;
  private final SecureRandom random = new SecureRandom();
  private final AtomicInteger awaited = new AtomicInteger();
  private final Set<ExchangeCall> open = ConcurrentHashMap.newKeySet();

  ExchangeDesk(
      WorkerCall.Desk desk, Exchange exchange, ConnectionAges ages, Duration longestPause) {
    this.desk = desk;
    this.exchange = exchange;
    this.ages = ages;
    this.longestPause = longestPause;
  }

  @Override
  public ServerCall.Listener<byte[]> startCall(
      ServerCall<byte[], InputStream> call, Metadata headers) {
    Status objection = objection();
    if (objection != null) {
      call.close(objection, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    var line = new ExchangeLine(call, ages, desk.underway().of(call));
    ExchangeCall begun = new ExchangeCall(call, this, nonce, line).begin();
    open.add(begun);
    return begun;
  }

  /** Why no stream can begin now; null if it can, and then counts among those that are awaited. */
  private @Nullable Status objection() {
    if (desk.dispatch().mode() == Dispatch.Mode.PUSH) {
      return NOT_ASKED;
    }
    if (open.size() >= limits().open()) {
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "%d workers are attached, and no more may be".formatted(limits().open()));
    }
    if (awaited.incrementAndGet() > limits().awaited()) {
      awaited.decrementAndGet();
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "%d streams have not said who they are: come again shortly"
              .formatted(limits().awaited()));
    }
    return null;
  }

  private GrpcServerLimits.Streams limits() {
    return desk.wall().limits().streams();
  }

  /** Whether the frame is signed, where that is asked for. */
  boolean admits(
      ServerCall<?, ?> call, ByteString signature, byte[] nonce, long number, ByteString frame) {
    return desk.doorkeeper().admits(call, signature, signedBefore(nonce, number), frame);
  }

  /** What the signature of a stream's frame covers before the frame itself. */
  static byte[] signedBefore(byte[] nonce, long number) {
    return ByteBuffer.allocate(NONCE_BYTES + Long.BYTES).put(nonce).putLong(number).array();
  }

  /** One of those that were awaited has said who it is, or has gone. */
  void greeted() {
    awaited.decrementAndGet();
  }

  void ended(ExchangeCall call) {
    open.remove(call);
  }

  /** Ends all streams. */
  void close() {
    open.forEach(
        call -> call.end(Status.UNAVAILABLE.withDescription("The broker is shutting down")));
  }

  Exchange exchange() {
    return exchange;
  }

  WorkerPrograms programs() {
    return desk.dispatch().programs();
  }

  OuterWall wall() {
    return desk.wall();
  }

  Failures failures() {
    return desk.failures();
  }

  /** Between two signs of life of a worker that promises them. */
  Duration longestPause() {
    return longestPause;
  }
}
