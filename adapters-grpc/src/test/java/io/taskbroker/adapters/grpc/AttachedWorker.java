package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.Extension;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.OutcomeStatus;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.Received;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A worker's end of a stream: says what it is told to say, and keeps what it hears. */
final class AttachedWorker implements AutoCloseable {
  private static final String PATH = "/taskbroker.v1.WorkerExchange/Exchange:";

  final ClientCall<SignedFrame, BrokerFrame> call;
  final ByteString nonce;
  private final @Nullable String secret;
  private final BlockingQueue<BrokerFrame> heard = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private volatile boolean reads = true;
  private long frames;

  AttachedWorker(ManagedChannel channel, @Nullable String secret) throws InterruptedException {
    this.secret = secret;
    this.call = channel.newCall(WorkerExchangeGrpc.getExchangeMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(BrokerFrame frame) {
            heard.add(frame);
            if (reads) {
              call.request(1);
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    this.nonce = challenge();
  }

  /** The nonce, or nothing if the stream is refused. */
  private ByteString challenge() throws InterruptedException {
    BrokerFrame first = null;
    while (first == null && !end.isDone()) {
      first = heard.poll(10, TimeUnit.MILLISECONDS);
    }
    return first == null ? ByteString.EMPTY : first.getChallenge().getNonce();
  }

  /** Attaches itself, for anything. */
  static AttachedWorker of(ManagedChannel channel) throws InterruptedException {
    return of(channel, hello -> hello);
  }

  static AttachedWorker of(ManagedChannel channel, UnaryOperator<Hello.Builder> hello)
      throws InterruptedException {
    AttachedWorker worker = new AttachedWorker(channel, null);
    worker.hello(hello);
    assertThat(worker.next().hasWelcome()).isTrue();
    return worker;
  }

  // ---------------------------------------------------------------- saying

  void hello(UnaryOperator<Hello.Builder> hello) {
    say(WorkerFrame.newBuilder().setHello(hello.apply(Hello.newBuilder())).build());
  }

  void credit(int tasks, long bytes) {
    say(
        WorkerFrame.newBuilder()
            .setCredit(Credit.newBuilder().setTasks(tasks).setBytes(bytes))
            .build());
  }

  void complete(String id, long token) {
    say(
        WorkerFrame.newBuilder()
            .setOutcomes(
                Outcomes.newBuilder()
                    .addOutcomes(
                        Outcome.newBuilder()
                            .setId(id)
                            .setToken(token)
                            .setStatus(OutcomeStatus.OUTCOME_STATUS_COMPLETE)
                            .setRunTimeMicros(70)))
            .build());
  }

  void received(List<Task> tasks) {
    Received.Builder received = Received.newBuilder();
    tasks.forEach(task -> received.addTokens(task.getToken()));
    say(WorkerFrame.newBuilder().setReceived(received).build());
  }

  void handBack(String id, long token) {
    say(
        WorkerFrame.newBuilder()
            .setHandBack(
                HandBackRequest.newBuilder()
                    .addAttempts(Attempt.newBuilder().setId(id).setToken(token)))
            .build());
  }

  /** Asks for a minute more. */
  void extend(String id, long token) {
    say(
        WorkerFrame.newBuilder()
            .setExtend(
                ExtendRequest.newBuilder()
                    .addExtensions(
                        Extension.newBuilder().setId(id).setToken(token).setForMillis(60_000)))
            .build());
  }

  void say(WorkerFrame frame) {
    send(signed(frame, frames++));
  }

  /** The frame as it is sent when it is the stream's {@code number}th. */
  SignedFrame signed(MessageLite frame, long number) {
    SignedFrame.Builder signed = SignedFrame.newBuilder().setFrame(frame.toByteString());
    if (secret != null) {
      signed.setSignature(ByteString.copyFrom(sign(secret, frame.toByteString(), number)));
    }
    return signed.build();
  }

  private byte[] sign(String key, ByteString frame, long number) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update(PATH.getBytes(StandardCharsets.US_ASCII));
      mac.update(nonce.toByteArray());
      mac.update(ByteBuffer.allocate(8).putLong(number).array());
      return mac.doFinal(frame.toByteArray());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  void send(SignedFrame frame) {
    call.sendMessage(frame);
  }

  // ---------------------------------------------------------------- hearing

  BrokerFrame next() throws InterruptedException {
    BrokerFrame frame = heard.poll(1, TimeUnit.MINUTES);
    if (frame == null) {
      throw new AssertionError(
          "no frame within a minute; the stream "
              + (end.isDone() ? "ended: " + end.join() : "is open"));
    }
    return frame;
  }

  /** The next frame; null once the stream has ended, and all that came before was heard. */
  @Nullable BrokerFrame nextOrEnd() throws InterruptedException {
    while (true) {
      boolean isOver = end.isDone();
      BrokerFrame frame = heard.poll(isOver ? 0 : 5, TimeUnit.MILLISECONDS);
      if (frame != null || isOver) {
        return frame;
      }
    }
  }

  /** The next tasks; what else is heard before is left out. */
  List<Task> tasks(int count) throws InterruptedException {
    List<Task> tasks = new ArrayList<>();
    while (tasks.size() < count) {
      tasks.addAll(next().getTasks().getTasksList());
    }
    assertThat(tasks).hasSize(count);
    return tasks;
  }

  /** How many tasks come until {@code isEnough}, and have come by then; says that they have. */
  int tasksUntil(BooleanSupplier isEnough) throws InterruptedException {
    int tasks = 0;
    while (true) {
      boolean isOver = isEnough.getAsBoolean() && heard.isEmpty();
      BrokerFrame frame = heard.poll(5, TimeUnit.MILLISECONDS);
      if (frame != null) {
        tasks += frame.getTasks().getTasksCount();
        received(frame.getTasks().getTasksList());
      } else if (isOver) {
        return tasks;
      }
    }
  }

  /** Leaves what comes unread, at the latest after the next frame. */
  void stopReading() {
    reads = false;
  }

  void readOn() {
    reads = true;
    call.request(1);
  }

  /** How the broker ended the stream. */
  Status end() {
    return end.orTimeout(1, TimeUnit.MINUTES).join();
  }

  /** Breaks the stream off. */
  @Override
  public void close() {
    call.cancel("the worker dies", null);
  }
}
