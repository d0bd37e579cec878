package io.taskbroker.benchmarks.store;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Ordinary activations with random ids, an endless row of them. Not safe for several threads. */
public final class SampleActivations {
  static final Partition ORIGIN = new Partition("taskworker", 0);

  private static final int DEADLINE_SEC = 600;

  private final Random random;
  private final Partition origin;
  private final byte[] payload;
  private long offset;

  SampleActivations(int payloadBytes) {
    this(payloadBytes, ORIGIN, 1);
  }

  /**
   * @param origin partition of all of them
   * @param seed of their ids; another one where both may be stored together
   */
  public SampleActivations(int payloadBytes, Partition origin, long seed) {
    this.random = new Random(seed);
    this.origin = origin;
    payload = new byte[payloadBytes];
    random.nextBytes(payload);
  }

  public List<NewActivation> next(int count) {
    List<NewActivation> batch = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      batch.add(new NewActivation(one(), payload));
    }
    return batch;
  }

  private Activation one() {
    long nowMs = System.currentTimeMillis();
    return new Activation(
        new UUID(random.nextLong(), random.nextLong()).toString(),
        "shop",
        "orders",
        "send_receipt",
        origin,
        offset++,
        nowMs,
        nowMs,
        null,
        null,
        DEADLINE_SEC,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.DISCARD,
        payload.length,
        null);
  }
}
