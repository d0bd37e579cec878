package io.taskbroker.application.store;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.InflightEngine;
import io.taskbroker.domain.engine.Sweep;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The owned store, as intake sees it. */
final class OwnedIntake implements IntakeStore {
  /** Rows settled per turn of the writer, so that outcomes pass in between. */
  private static final int COMMITTED_PER_TURN = 2_000;

  private final CommandSender sender;
  private final AcknowledgedPositions acknowledged;
  private final Journal journal;
  private final Supplier<StoreView> view;

  OwnedIntake(
      CommandSender sender,
      AcknowledgedPositions acknowledged,
      Journal journal,
      Supplier<StoreView> view) {
    this.sender = sender;
    this.acknowledged = acknowledged;
    this.journal = journal;
    this.view = view;
  }

  @Override
  public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    return batch.isEmpty() ? 0 : sender.add(batch, epoch);
  }

  @Override
  public void acknowledged(Map<Partition, Long> positions) {
    if (positions.isEmpty()) {
      return;
    }
    acknowledged.add(positions);
    settleSoon();
  }

  @Override
  public void assigned(Map<Partition, Long> positions) {
    if (positions.isEmpty()) {
      return;
    }
    Map<Partition, Long> assigned = Map.copyOf(positions);
    sender.ask(
        (engine, _) -> {
          acknowledged.forget(assigned.keySet());
          engine.positions().assigned(assigned);
          return assigned.size();
        });
    settleSoon();
  }

  private void settleSoon() {
    var _ = sender.askLater(StoreCall.SWEEP_COMMITTED, this::settleCommitted);
  }

  private int settleCommitted(InflightEngine engine, Moment now) {
    acknowledged.tell(engine);
    int settled = engine.sweeps().sweep(Sweep.COMMITTED, COMMITTED_PER_TURN, now);
    if (settled == COMMITTED_PER_TURN) {
      settleSoon();
    }
    return settled;
  }

  @Override
  public void lost(Collection<Partition> partitions) {
    List<Partition> lost = List.copyOf(partitions);
    sender.ask(
        (engine, _) -> {
          acknowledged.tell(engine);
          engine.positions().lose(lost);
          return lost.size();
        });
  }

  @Override
  public Set<Partition> awaitedPartitions() {
    return sender.ask((engine, _) -> engine.positions().awaited());
  }

  @Override
  public Backpressure.Load load() {
    Journal.Size size = journal.size();
    return new Backpressure.Load(view.get().depths(), size.total(), size.log());
  }
}
