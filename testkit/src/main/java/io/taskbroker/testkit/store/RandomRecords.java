package io.taskbroker.testkit.store;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up the records that come in: tasks of all kinds, some bad ones, and some again. */
final class RandomRecords {
  private final Random random;
  private final Dice dice;
  private final TimeSource time;
  private final List<NewActivation> records = new ArrayList<>();
  private final long[] nextOffset = new long[Dice.PARTITIONS.size()];

  RandomRecords(Random random, Dice dice, TimeSource time) {
    this.random = random;
    this.dice = dice;
    this.time = time;
  }

  /**
   * The offset behind the last record.
   *
   * @param partition its place in {@link Dice#PARTITIONS}
   */
  long nextOffset(int partition) {
    return nextOffset[partition];
  }

  /** A new one, or one that has come before. */
  NewActivation next() {
    if (!records.isEmpty() && random.nextInt(4) == 0) {
      return records.get(random.nextInt(records.size()));
    }
    NewActivation record = random.nextInt(12) == 0 ? badRecord() : task();
    records.add(record);
    return record;
  }

  private NewActivation badRecord() {
    int p = random.nextInt(Dice.PARTITIONS.size());
    long nowMs = time.now().wallMs();
    Activation bad =
        Activation.badRecord(
            Dice.PARTITIONS.get(p), nextOffset[p]++, nowMs - 5, nowMs, 2, "garbled");
    return new NewActivation(bad, new byte[] {4, 2});
  }

  private NewActivation task() {
    int p = random.nextInt(Dice.PARTITIONS.size());
    long nowMs = time.now().wallMs();
    Activations task =
        Activations.pending(dice.id())
            .application(dice.any(Dice.APPLICATIONS))
            .namespace(dice.any(Dice.NAMESPACES))
            .taskname(dice.any(Dice.TASKNAMES))
            .at(Dice.PARTITIONS.get(p), nextOffset[p]++)
            .receivedAt(nowMs - random.nextInt(5_000))
            .addedAt(nowMs - random.nextInt(3))
            .deadline(Duration.ofSeconds(random.nextInt(10)));
    if (random.nextInt(4) == 0) {
      task.delayUntil(nowMs + random.nextLong(-100, 12_000) + farDelay());
    }
    if (random.nextInt(4) == 0) {
      task.expiresAt(nowMs + random.nextLong(0, 15_000));
    }
    if (random.nextInt(3) == 0) {
      task.atMostOnce();
    }
    if (random.nextInt(2) == 0) {
      task.deadLettered();
    }
    NewActivation arriving = task.arriving();
    return random.nextInt(8) == 0
        ? new NewActivation(arriving.activation(), arriving.payload(), Route.DEMOTION)
        : arriving;
  }

  private long farDelay() {
    return random.nextInt(4) == 0 ? Backpressure.FAR.toMillis() : 0;
  }
}
