package io.taskbroker.adapters.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.exchange.Line;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of frames to one worker, until its stream ends. Tasks that the worker has not said to
 * have received take room. Safe for all threads.
 */
final class ExchangeLine implements Line {
  private static final MethodDescriptor<?, BrokerFrame> EXCHANGE =
      WorkerExchangeGrpc.getExchangeMethod();

  private final ServerCall<byte[], InputStream> call;
  private final ConnectionAges ages;
  private final BytesUnderway.Share underway;
  private final Runnable cut = CallCutter.ofThisCall();

  /** Room of tasks that are not received, by token. */
  private final Map<Long, BytesUnderway.Parcel> parcels = new ConcurrentHashMap<>();

  /** Guarded by {@code this}, as are all calls of {@link #call} that send. */
  private boolean ended;

  /** To be made on the thread that handles the call's beginning. */
  ExchangeLine(
      ServerCall<byte[], InputStream> call, ConnectionAges ages, BytesUnderway.Share underway) {
    this.call = call;
    this.ages = ages;
    this.underway = underway;
  }

  /** Sends this unless the stream has ended; returns whether it was sent. */
  synchronized boolean send(BrokerFrame frame) {
    if (!ended) {
      call.sendMessage(EXCHANGE.streamResponse(frame));
    }
    return !ended;
  }

  /** Ends the stream unless it has ended; returns whether it had not. */
  boolean end(Status status) {
    synchronized (this) {
      if (ended) {
        return false;
      }
      ended = true;
    }
    call.close(status, new Metadata()); // nobody else sends any more
    return true;
  }

  /** The stream has ended without our doing. */
  synchronized void broke() {
    ended = true;
  }

  /** The worker has this task, or is done with it. */
  void received(long token) {
    BytesUnderway.Parcel parcel = parcels.remove(token);
    if (parcel != null) {
      parcel.giveBack();
    }
  }

  /** Gives back all room. To be called once nothing takes any more. */
  void clear() {
    parcels.keySet().forEach(this::received);
  }

  @Override
  public boolean isReady() {
    return call.isReady() && underway.hasRoom();
  }

  @Override
  public boolean isEnding() {
    return ages.isEnding(call);
  }

  @Override
  public String worker() {
    return Callers.nameOf(call);
  }

  @Override
  public boolean takesRoom(Claim claim) {
    BytesUnderway.Parcel parcel = underway.take(claim.activation().payloadBytes(), cut);
    if (parcel != null) {
      parcels.put(claim.token(), parcel);
    }
    return parcel != null;
  }

  @Override
  public void givesRoomBack(Claim claim) {
    received(claim.token());
  }

  @Override
  public boolean tasks(List<Delivered> tasks, @Nullable Duration longestPause) {
    return send(ExchangeFrames.tasks(tasks, longestPause));
  }

  @Override
  public void answers(List<News> news, List<Answer> answers) {
    send(AttemptWords.of(news, answers));
  }

  @Override
  public void notNow(List<News> news) {
    send(AttemptWords.notNow(news, ExchangeEndpoint.NOT_NOW));
  }

  private void send(Answers answers) {
    send(BrokerFrame.newBuilder().setAnswers(answers).build());
  }

  @Override
  public void cancel(List<Attempt> attempts) {
    send(ExchangeFrames.cancel(attempts));
  }

  @Override
  public void draining() {
    send(ExchangeFrames.draining());
  }
}
