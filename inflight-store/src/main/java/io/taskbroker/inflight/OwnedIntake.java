package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The owned store, as intake sees it. */
final class OwnedIntake implements IntakeStore {
  /** Rows settled by one command, which takes as many turns of the writer as it needs. */
  private static final int COMMITTED_AT_ONCE = 2_000;

  private final CommandSender sender;
  private final Journal journal;
  private final Supplier<StoreView> view;
  private final @Nullable Custodian custodian;
  private final AtomicBoolean settling = new AtomicBoolean();

  /**
   * @param custodian brings the rows of assigned partitions; null if all rows are here, always
   */
  OwnedIntake(
      CommandSender sender,
      Journal journal,
      Supplier<StoreView> view,
      @Nullable Custodian custodian) {
    this.custodian = custodian;
    this.sender = sender;
    this.journal = journal;
    this.view = view;
  }

  @Override
  public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    return batch.isEmpty() ? 0 : sender.add(batch, epoch);
  }

  @Override
  public void acknowledged(Map<Partition, Long> positions) {
    Moment now = sender.now();
    List<Fact> happened = new ArrayList<>(positions.size());
    positions.forEach(
        (partition, position) ->
            happened.add(PartitionFact.acknowledged(now, partition, position, this::settleSoon)));
    sender.tell(happened);
  }

  @Override
  public void lost(Collection<Partition> partitions) {
    Moment now = sender.now();
    sender.tell(
        partitions.stream()
            .map(partition -> PartitionFact.lost(now, partition, this::settleSoon))
            .toList());
  }

  @Override
  public void assigned(Map<Partition, Long> positions) {
    if (positions.isEmpty()) {
      return;
    }
    Map<Partition, Long> assigned = Ordered.copyOf(positions);
    List<Subject.OfPartition> subjects =
        assigned.keySet().stream().map(Subject.OfPartition::new).toList();
    if (custodian != null) {
      custodian.assigned(assigned.keySet());
    }
    List<Fact> earlier = new ArrayList<>();
    var _ =
        sender.ask(
            (engine, now) -> {
              earlier.clear();
              earlier.addAll(sender.open(subjects));
              for (Fact fact : earlier) { // what was said before counts before
                boolean _ = fact.decide(engine, now); // a loss that is cut ends with the assignment
              }
              engine.positions().assigned(assigned);
              rememberAwaited(assigned, engine);
              return assigned.size();
            },
            () -> {
              earlier.forEach(Fact::replaced);
              sender.forgetOver(earlier);
              settleSoon();
            });
  }

  /** Of partitions whose rows are still to come, positions are told when they are here. */
  private void rememberAwaited(Map<Partition, Long> assigned, InflightEngine engine) {
    if (custodian != null) {
      assigned.forEach(
          (partition, position) -> {
            if (!engine.share().isHere(partition)) {
              custodian.standsAt(partition, position);
            }
          });
    }
  }

  /** A partition's rows have come, some of which may wait for nothing any more. */
  void here(Partition partition) {
    settleSoon();
  }

  /** Settles the rows that acknowledged positions set free, in steps, until none is left. */
  private void settleSoon() {
    if (settling.compareAndSet(false, true)) {
      var _ =
          sender
              .repeat(StoreCall.SWEEP_COMMITTED, COMMITTED_AT_ONCE, OwnedIntake::settle)
              .whenComplete(this::settled);
    }
  }

  private static int settle(InflightEngine engine, Moment now, int limit) {
    return engine.sweeps().sweep(Sweep.COMMITTED, limit, now);
  }

  private void settled(@Nullable Integer rows, @Nullable Throwable failure) {
    settling.set(false);
    if (failure instanceof StoreException.Unavailable) {
      var _ = sender.tell(Fact.ofNothing(sender.now(), Subject.OfStore.SETTLING, this::settleSoon));
    } else if (rows != null && rows == COMMITTED_AT_ONCE) {
      settleSoon();
    }
  }

  @Override
  public Set<Partition> awaitedPartitions() {
    return sender.ask((engine, _) -> engine.positions().awaited());
  }

  @Override
  public void serves(Set<String> applications) {
    Set<String> served = Ordered.copyOf(applications);
    sender.ask(
        (engine, now) -> {
          engine.claims().serve(served, now);
          return served.size();
        });
  }

  @Override
  public List<ApplicationDepth> applications() {
    return ApplicationDepths.all(sender);
  }

  @Override
  public Optional<Activation> largest() {
    return Optional.ofNullable(view.get().outliers().largest());
  }

  @Override
  public Backpressure.Load load() {
    StoreSize size = journal.size();
    return new Backpressure.Load(view.get().depths(), size.total(), size.log());
  }
}
