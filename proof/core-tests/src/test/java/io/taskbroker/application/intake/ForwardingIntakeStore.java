package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Another store, but for those calls that a subclass does in its own way. */
abstract class ForwardingIntakeStore implements IntakeStore {
  private final IntakeStore store;

  ForwardingIntakeStore(IntakeStore store) {
    this.store = store;
  }

  @Override
  public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    return store.add(batch, epoch);
  }

  @Override
  public void acknowledged(Map<Partition, Long> positions) {
    store.acknowledged(positions);
  }

  @Override
  public void assigned(Map<Partition, Long> positions) {
    store.assigned(positions);
  }

  @Override
  public void lost(Collection<Partition> partitions) {
    store.lost(partitions);
  }

  @Override
  public Set<Partition> awaitedPartitions() {
    return store.awaitedPartitions();
  }

  @Override
  public void serves(Set<String> applications) {
    store.serves(applications);
  }

  @Override
  public List<ApplicationDepth> applications() {
    return store.applications();
  }

  @Override
  public Optional<Activation> largest() {
    return store.largest();
  }

  @Override
  public Backpressure.Load load() {
    return store.load();
  }
}
