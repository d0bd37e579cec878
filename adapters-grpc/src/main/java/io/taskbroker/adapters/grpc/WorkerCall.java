package io.taskbroker.adapters.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.attempt.Token;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of a worker: from the request's bytes to exactly one answer, or to its cancellation.
 *
 * <p>Requests arrive on the connection's thread, answers on whichever thread the store completes
 * them with. A task that was claimed for a call which ended too early goes back.
 */
final class WorkerCall extends ServerCall.Listener<byte[]> implements DispatchStore.Recipient {
  /** What a method does with a request. */
  @FunctionalInterface
  interface Method {
    void handle(byte[] request, WorkerCall call) throws InvalidProtocolBufferException;
  }

  /** What all calls share. */
  record Desk(
      OuterWall wall,
      Doorkeeper doorkeeper,
      Dispatch dispatch,
      BytesUnderway underway,
      LongPoll longPoll,
      Failures failures) {
    /** Adds a method to a service; requests and answers stay bytes until somebody needs more. */
    void serve(
        ServerServiceDefinition.Builder service, MethodDescriptor<?, ?> contract, Method method) {
      service.addMethod(
          contract.toBuilder(Marshallers.BYTES, Marshallers.STREAM).build(),
          (call, headers) -> new WorkerCall(call, headers, method, this).begin());
    }
  }

  private enum Stage {
    OPEN,
    /** Answered with a task. */
    HANDED,
    ANSWERED,
    CANCELLED
  }

  private static final Status NO_SEAT =
      Status.RESOURCE_EXHAUSTED.withDescription(
          "As many connections are in use as the broker allows");

  private final ServerCall<byte[], InputStream> call;
  private final Method method;
  private final Desk desk;
  private final BytesUnderway.Share underway;
  private final Runnable cut = CallCutter.ofThisCall();
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OPEN);
  private byte @Nullable [] request;
  private LongPoll.Wait wait = LongPoll.Wait.NONE;

  /** Of the task that it is answered with. */
  private long token = Token.NONE;

  /** Let go once they are read: there may be more of them than of anything else here. */
  private @Nullable Metadata headers;

  /**
   * What was claimed for this call, without the payload, of which the transport has its own copy.
   * Written before the stage becomes HANDED, read after.
   */
  private @Nullable Reserved reserved;

  private record Reserved(Claim claim, BytesUnderway.Parcel parcel) {}

  WorkerCall(ServerCall<byte[], InputStream> call, Metadata headers, Method method, Desk desk) {
    this.call = call;
    this.headers = headers;
    this.method = method;
    this.desk = desk;
    this.underway = desk.underway().of(call);
  }

  /** Asks for the request. For two, in fact: a client that sends a second one is told so. */
  WorkerCall begin() {
    call.request(2);
    return this;
  }

  @Override
  public void onMessage(byte[] message) {
    if (request == null) {
      request = message;
    } else {
      refuse(Status.INTERNAL.withDescription("More than one request in a call"));
    }
  }

  @Override
  public void onHalfClose() {
    byte[] whole = request;
    Metadata signed = Objects.requireNonNullElseGet(headers, Metadata::new);
    headers = null;
    request = null; // which may be larger than anything else here, and the answer may go unread
    if (whole == null) {
      refuse(Status.INTERNAL.withDescription("No request in the call"));
    } else if (!desk.doorkeeper().admits(call, signed, whole)) {
      refuse(Status.UNAUTHENTICATED.withDescription("Authentication failed"));
    } else if (!desk.wall().seats(call.getAttributes())) {
      refuse(NO_SEAT);
    } else {
      Callers.introduce(call, signed, desk.dispatch().programs());
      wait = desk.longPoll().wish(signed);
      handle(whole);
    }
  }

  private void handle(byte[] admitted) {
    if (stage.get() != Stage.OPEN) {
      return;
    }
    try {
      method.handle(admitted, this);
    } catch (InvalidProtocolBufferException e) {
      refuse(Status.INTERNAL.withDescription("Unable to decode the request"));
    } catch (RuntimeException e) {
      refuse(desk.failures().ofUs(e));
    }
  }

  /**
   * Answers with what {@code result} brings.
   *
   * @param complaint what the client is told when the store fails
   */
  <T> void answerWith(CompletionStage<T> result, Supplier<String> complaint, Consumer<T> answer) {
    var _ =
        result.whenComplete(
            (value, failure) -> {
              try {
                if (failure == null) {
                  answer.accept(value);
                } else {
                  refuse(desk.failures().ofStore(failure, complaint.get()));
                }
              } catch (Throwable e) { // or the call would never end, and nobody would know why
                refuse(desk.failures().ofUs(e));
              }
            });
  }

  /** Whether a task would be handed out if there were one. */
  boolean hasRoom() {
    return underway.hasRoom();
  }

  /** Takes the room that the task needs, unless nobody waits for it any more. */
  @Override
  public boolean accepts(Claim claim) {
    giveBack(); // of one that was claimed for this call before, and dropped
    if (stage.get() != Stage.OPEN) {
      return false;
    }
    BytesUnderway.Parcel parcel = underway.take(claim.activation().payloadBytes(), cut);
    if (parcel == null) {
      return false;
    }
    reserved = new Reserved(claim, parcel);
    return true;
  }

  /** Those that can bring a task may wait for it, if their client said so. */
  @Override
  public @Nullable Moment waitsUntil() {
    return stage.get() == Stage.OPEN ? wait.until() : null;
  }

  @Override
  public String worker() {
    return Callers.nameOf(call);
  }

  /** Answers with a task that was accepted, or takes it back if that is no longer possible. */
  void hand(Delivered task) {
    if (stage.compareAndSet(Stage.OPEN, Stage.HANDED)) {
      token = task.claim().token();
      send(new TaskMessage(task.payload()));
    } else {
      giveBack();
      desk.dispatch().undelivered(task.claim());
    }
  }

  /** Answers with an empty message. */
  void acknowledge() {
    giveBack();
    if (stage.compareAndSet(Stage.OPEN, Stage.ANSWERED)) {
      send(InputStream.nullInputStream());
    }
  }

  /** Answers with this message. */
  void answer(byte[] message) {
    if (stage.compareAndSet(Stage.OPEN, Stage.ANSWERED)) {
      send(new ByteArrayInputStream(message));
    }
  }

  /** Answers with a status other than OK. */
  void refuse(Status status) {
    giveBack();
    if (stage.compareAndSet(Stage.OPEN, Stage.ANSWERED)) {
      call.close(status, trailers());
    }
  }

  private void send(InputStream message) {
    call.sendHeaders(new Metadata());
    call.sendMessage(message);
    call.close(Status.OK, trailers());
  }

  private Metadata trailers() {
    return desk.longPoll().trailers(wait, token, desk.dispatch().isDraining());
  }

  private void giveBack() {
    if (reserved != null) {
      reserved.parcel().giveBack();
    }
  }

  /** The transport has taken the answer. */
  @Override
  public void onComplete() {
    giveBack();
    if (stage.get() == Stage.HANDED) {
      desk.dispatch().delivered(Callers.of(call));
    }
  }

  /**
   * The client gave up, or its connection broke. It cannot have seen an answer whose end was never
   * written, yet some of it may have left: too much for a task that must not run twice.
   */
  @Override
  public void onCancel() {
    if (stage.compareAndSet(Stage.OPEN, Stage.CANCELLED)) {
      if (wait.until() != null) {
        desk.dispatch().gone(this);
      }
      return;
    }
    if (stage.get() != Stage.HANDED || reserved == null) {
      return;
    }
    giveBack();
    if (!reserved.claim().activation().isAtMostOnce()) {
      desk.dispatch().brokeOff(reserved.claim(), Callers.of(call));
    }
  }
}
