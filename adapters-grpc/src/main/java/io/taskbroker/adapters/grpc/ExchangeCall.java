package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.application.exchange.Exchange.Attached;
import io.taskbroker.application.exchange.Greeting;
import io.taskbroker.application.exchange.Session;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import java.io.InputStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a worker, from the challenge to its end.
 *
 * <p>Frames arrive on the connection's thread, one after the other; answers come from any thread.
 */
final class ExchangeCall extends ServerCall.Listener<byte[]> {
  private static final Status NO_SEAT =
      Status.RESOURCE_EXHAUSTED.withDescription(
          "As many connections are in use as the broker allows");

  private final ServerCall<byte[], InputStream> call;
  private final ExchangeDesk desk;
  private final byte[] nonce;
  private final ExchangeLine line;
  private final ReadingPace pace;
  private final AtomicBoolean isAwaited = new AtomicBoolean(true);
  private volatile @Nullable Session session;
  private volatile boolean isHalfClosed;

  /** Only for the connection's thread. */
  private long frames;

  ExchangeCall(
      ServerCall<byte[], InputStream> call, ExchangeDesk desk, byte[] nonce, ExchangeLine line) {
    this.call = call;
    this.desk = desk;
    this.nonce = nonce;
    this.line = line;
    this.pace = new ReadingPace(call);
  }

  /** Challenges the worker. */
  ExchangeCall begin() {
    call.sendHeaders(new Metadata());
    line.send(ExchangeFrames.challenge(nonce));
    pace.readOn();
    return this;
  }

  // ---------------------------------------------------------------- frames of the worker

  @Override
  public void onMessage(byte[] message) {
    try {
      SignedFrame signed = SignedFrame.parseFrom(message);
      ByteString frame = signed.getFrame();
      if (!desk.admits(call, signed.getSignature(), nonce, frames++, frame)) {
        end(Status.UNAUTHENTICATED.withDescription("Authentication failed"));
        return;
      }
      handle(WorkerFrame.parseFrom(frame));
    } catch (InvalidProtocolBufferException e) {
      breaksRules("A frame cannot be decoded");
    } catch (RuntimeException e) {
      end(desk.failures().ofUs(e));
    }
  }

  private void handle(WorkerFrame frame) {
    Session attached = session;
    if (frame.hasHello() != (attached == null)) {
      breaksRules("Hello has to be the first frame, and only that");
    } else if (attached == null) {
      hello(frame.getHello());
    } else if (handle(frame, attached)) {
      pace.readOn();
    }
  }

  /** Whether the stream goes on. */
  private boolean handle(WorkerFrame frame, Session attached) {
    switch (frame.getFrameCase()) {
      case CREDIT -> credit(frame.getCredit(), attached);
      case RECEIVED -> frame.getReceived().getTokensList().forEach(line::received);
      case OUTCOMES -> {
        return outcomes(frame.getOutcomes(), attached);
      }
      case HAND_BACK -> {
        return tell(AttemptWords.of(frame.getHandBack()), attached);
      }
      case EXTEND -> {
        return tell(AttemptWords.of(frame.getExtend()), attached);
      }
      case DRAINING -> attached.takesNoMore();
      case HELLO -> throw new IllegalStateException("Hello is handled before");
      case FRAME_NOT_SET -> {} // of a program newer than this one
    }
    return true;
  }

  private void hello(Hello hello) {
    String objection = ExchangeFrames.objection(hello);
    if (objection != null) {
      breaksRules(objection);
      return;
    }
    if (!desk.wall().seats(call.getAttributes())) {
      end(NO_SEAT);
      return;
    }
    greeted();
    Callers.introduce(call, (hello.getName() + " " + hello.getVersion()).strip(), desk.programs());
    Greeting who = ExchangeFrames.greeting(hello, desk.longestPause());
    var _ =
        desk.exchange()
            .attach(who, line)
            .whenComplete(
                (attached, failure) -> {
                  if (attached == null) {
                    end(desk.failures().ofStore(failure, "Unable to look at the held attempts"));
                  } else {
                    attached(who, attached);
                  }
                });
  }

  private void attached(Greeting who, Attached attached) {
    session = attached.session();
    boolean goesOn =
        line.send(ExchangeFrames.welcome(desk.longestPause()))
            && line.send(ExchangeFrames.held(who.held(), attached.holdings()));
    if (goesOn) {
      attached.session().ready();
      pace.readOn();
    } else {
      attached.session().close();
    }
  }

  private static void credit(Credit credit, Session attached) {
    long tasks = Integer.toUnsignedLong(credit.getTasks());
    long bytes = credit.getBytes();
    attached.credit(
        (int) Math.min(tasks, Exchange.MOST_CREDIT_TASKS),
        Long.compareUnsigned(bytes, Exchange.MOST_CREDIT_BYTES) < 0
            ? bytes
            : Exchange.MOST_CREDIT_BYTES);
  }

  private boolean outcomes(Outcomes outcomes, Session attached) {
    String objection = AttemptWords.objection(outcomes);
    if (objection != null) {
      breaksRules(objection);
      return false;
    }
    for (Outcome one : outcomes.getOutcomesList()) {
      if (one.getRunTimeMicros() > 0) {
        desk.exchange().ran(Duration.of(one.getRunTimeMicros(), ChronoUnit.MICROS));
      }
    }
    return tell(AttemptWords.of(outcomes), attached);
  }

  private boolean tell(List<News> news, Session attached) {
    if (news.size() > Exchange.MOST_NEWS) {
      breaksRules("A frame may be about %d attempts at most".formatted(Exchange.MOST_NEWS));
      return false;
    }
    pace.heard(news.size());
    news.forEach(one -> line.received(one.attempt().token()));
    attached.tell(news, () -> answered(news.size()));
    return true;
  }

  private void answered(int words) {
    pace.answered(words);
    endIfAllIsSaid();
  }

  private void breaksRules(String sentence) {
    end(Status.INVALID_ARGUMENT.withDescription(sentence));
  }

  @Override
  public void onHalfClose() {
    isHalfClosed = true;
    Session attached = session;
    if (attached != null) {
      attached.takesNoMore();
    }
    endIfAllIsSaid();
  }

  /** A worker that says nothing more gets the answers that it waits for. */
  private void endIfAllIsSaid() {
    if (isHalfClosed && pace.isAllAnswered()) {
      end(Status.OK);
    }
  }

  // ---------------------------------------------------------------- the line

  @Override
  public void onReady() {
    pace.sent();
    Session attached = session;
    if (attached != null) {
      attached.ready();
    }
  }

  /** Ends the stream, from whichever thread. What was accepted is recorded all the same. */
  void end(Status status) {
    if (line.end(status)) {
      over();
    }
  }

  @Override
  public void onCancel() {
    line.broke();
    over();
  }

  @Override
  public void onComplete() {
    over();
  }

  private void over() {
    greeted();
    desk.ended(this);
    Session attached = session;
    if (attached != null) {
      attached.close();
    }
    line.clear();
  }

  /** It is not among those any more of whom nobody knows who they are. */
  private void greeted() {
    if (isAwaited.getAndSet(false)) {
      desk.greeted();
    }
  }
}
