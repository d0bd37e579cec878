package io.taskbroker.benchmarks.soak;

import com.google.protobuf.ByteString;
import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.ActivationProducer;
import java.util.List;
import java.util.stream.IntStream;

/** Produces tasks of 1 KB, and large ones among them: of 1, 3 and 5 MB by turns. */
final class Mix implements AutoCloseable {
  static final String APPLICATION = "shop";

  private static final int[] LARGE_BYTES = {1 << 20, 3 << 20, 5 << 20};

  private final int largeEach;
  private final ActivationProducer small;
  private final List<ActivationProducer> large;

  /**
   * @param largeEach one in so many is large; 0 for none
   */
  Mix(BrokerUnderTest broker, Ledger ledger, int largeEach) {
    this.largeEach = largeEach;
    this.small = broker.producer(APPLICATION, ledger);
    this.large =
        IntStream.of(LARGE_BYTES)
            .mapToObj(size -> ByteString.copyFrom(new byte[size]))
            .map(parameters -> broker.producer(APPLICATION, parameters, ledger))
            .toList();
  }

  /** Sends the task with this number, counted from 0, and returns before Kafka has it. */
  void produce(long number) {
    int kind = kind(number, largeEach);
    (kind == 0 ? small : large.get(kind - 1)).produce(BrokerUnderTest.TASK);
  }

  /** 0 for a small task; else which of the large ones, counted from 1. */
  static int kind(long number, int largeEach) {
    boolean isLarge = largeEach > 0 && number % largeEach == largeEach - 1;
    return isLarge ? 1 + (int) (number / largeEach % LARGE_BYTES.length) : 0;
  }

  /** Returns when Kafka has all that was sent. */
  void flush() {
    small.flush();
    large.forEach(ActivationProducer::flush);
  }

  @Override
  public void close() {
    small.close();
    large.forEach(ActivationProducer::close);
  }
}
