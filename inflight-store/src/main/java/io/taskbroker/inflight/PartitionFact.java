package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What has happened to a partition since the engine was last told: positions that Kafka has
 * acknowledged, and that the partition was lost. Which came first matters: a row that was covered
 * before the loss is ours, one that is covered afterwards may have run elsewhere.
 */
final class PartitionFact extends Fact {
  private final Partition partition;
  private final List<Step> steps;

  /** Steps that the engine has been told, and that are settled; then with those of this turn. */
  private int done;

  private int decided;

  private sealed interface Step {
    record Acknowledged(long position) implements Step {}

    record Lost() implements Step {}
  }

  private PartitionFact(
      Moment queuedAt, Partition partition, List<Step> steps, Runnable whenWritten) {
    super(
        StoreCall.OTHER, queuedAt, new Subject.OfPartition(partition), (_, _) -> true, whenWritten);
    this.partition = partition;
    this.steps = steps;
  }

  static PartitionFact acknowledged(
      Moment queuedAt, Partition partition, long position, Runnable whenWritten) {
    return new PartitionFact(
        queuedAt, partition, List.of(new Step.Acknowledged(position)), whenWritten);
  }

  static PartitionFact lost(Moment queuedAt, Partition partition, Runnable whenWritten) {
    return new PartitionFact(queuedAt, partition, List.of(new Step.Lost()), whenWritten);
  }

  /** A loss may have to be told to many rows, and then goes on in later turns. */
  @Override
  boolean decide(InflightEngine engine, Moment now) {
    decided = done;
    boolean isTold = super.decide(engine, now);
    while (isTold && decided < steps.size()) {
      isTold =
          switch (steps.get(decided)) {
            case Step.Acknowledged(long position) -> {
              engine.positions().acknowledge(Map.of(partition, position));
              yield true;
            }
            case Step.Lost _ -> engine.positions().lose(partition);
          };
      decided += isTold ? 1 : 0;
    }
    return isTold;
  }

  @Override
  void written() {
    done = decided;
  }

  @Override
  Fact after(Fact older) {
    PartitionFact both =
        new PartitionFact(
            queuedAt(), partition, joined(((PartitionFact) older).steps, steps), whenWritten());
    super.after(older);
    return both;
  }

  /** Of positions without a loss between them the furthest says all. */
  private static List<Step> joined(List<Step> first, List<Step> second) {
    List<Step> joined = new ArrayList<>(first);
    for (Step step : second) {
      switch (step) {
        case Step.Acknowledged(long position)
            when joined.getLast() instanceof Step.Acknowledged(long before) ->
            joined.set(joined.size() - 1, new Step.Acknowledged(Math.max(before, position)));
        case Step.Lost _ when joined.getLast() instanceof Step.Lost -> {}
        case Step.Acknowledged _, Step.Lost _ -> joined.add(step);
      }
    }
    return List.copyOf(joined);
  }
}
