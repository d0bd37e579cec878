package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** One broker has everything, and nobody else is there. */
final class WholeCustody implements Custody {
  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public Duration orphanedAfter() {
    return ORPHANED;
  }

  @Override
  public Beat beat(Set<String> topics) {
    return Beat.OF_NOTHING;
  }

  @Override
  public List<Held> take(Collection<Partition> partitions) {
    return partitions.stream().map(partition -> new Held(partition, null)).toList();
  }

  @Override
  public List<Kept> ask(Collection<Partition> partitions) {
    return List.of();
  }

  @Override
  public void withdraw(Collection<Partition> partitions) {}

  @Override
  public Set<Partition> wanted() {
    return Set.of();
  }

  @Override
  public boolean depose(long broker) {
    return false;
  }

  @Override
  public List<StoredActivation> page(Partition partition, long after, int most) {
    return List.of();
  }

  @Override
  public List<StoredActivation> late(Collection<Partition> partitions) {
    return List.of();
  }

  @Override
  public long reserveKeys(int count) {
    throw new UnsupportedOperationException("one broker alone counts its keys by itself");
  }
}
