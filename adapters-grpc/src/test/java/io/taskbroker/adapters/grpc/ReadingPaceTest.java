package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import org.junit.jupiter.api.Test;

/** A worker is read on while what it said, and what it was answered, is bounded. */
class ReadingPaceTest {
  private final Transport transport = new Transport();
  private final ReadingPace pace = new ReadingPace(transport);

  /** Counts what it is asked for. */
  private static final class Transport extends ServerCall<SignedFrame, BrokerFrame> {
    private int asked;
    private boolean ready = true;

    @Override
    public void request(int frames) {
      asked += frames;
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(BrokerFrame frame) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<SignedFrame, BrokerFrame> getMethodDescriptor() {
      return WorkerExchangeGrpc.getExchangeMethod();
    }
  }

  private void hears(int words) {
    pace.heard(words);
    pace.readOn();
  }

  @Test
  void framesWithoutWordsAreReadOneAfterTheOther() {
    for (int i = 0; i < 100; i++) {
      pace.readOn();
    }
    assertThat(transport.asked).isEqualTo(100);
    assertThat(pace.isAllAnswered()).isTrue();
  }

  @Test
  void manyFramesWithoutAnswersHoldTheNextOne() {
    for (int i = 0; i < ReadingPace.MOST_FRAMES; i++) {
      hears(1);
    }
    assertThat(transport.asked).isEqualTo(ReadingPace.MOST_FRAMES - 1);
    assertThat(pace.isAllAnswered()).isFalse();

    pace.answered(1);
    assertThat(transport.asked).isEqualTo(ReadingPace.MOST_FRAMES);

    pace.answered(1);
    assertThat(transport.asked).as("one is asked for once").isEqualTo(ReadingPace.MOST_FRAMES);
  }

  @Test
  void manyWordsWithoutAnswersHoldTheNextFrame() {
    hears(ReadingPace.MOST_WORDS - 1);
    assertThat(transport.asked).isEqualTo(1);
    hears(1);
    assertThat(transport.asked).isEqualTo(1);

    pace.answered(1);

    assertThat(transport.asked).isEqualTo(2);
  }

  @Test
  void answersThatAreNotReadHoldTheNextFrame() {
    transport.ready = false;
    for (int i = 0; i < ReadingPace.MOST_FRAMES; i++) {
      hears(1);
      pace.answered(1);
    }
    assertThat(transport.asked).isEqualTo(ReadingPace.MOST_FRAMES - 1);
    assertThat(pace.isAllAnswered()).isTrue();

    transport.ready = true;
    pace.sent();

    assertThat(transport.asked).isEqualTo(ReadingPace.MOST_FRAMES);
  }
}
