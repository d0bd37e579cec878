package io.taskbroker.simulation.world;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Custody in what brokers share: each call takes time, and fails while the server is away. */
final class SimulatedCustody implements Custody, Elsewhere {
  private final Custody custody;
  private final Elsewhere elsewhere;
  private final Runnable reach;

  /**
   * @param reach takes the time of one call; throws if the server cannot be reached
   */
  SimulatedCustody(Custody custody, Elsewhere elsewhere, Runnable reach) {
    this.custody = custody;
    this.elsewhere = elsewhere;
    this.reach = reach;
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Duration orphanedAfter() {
    return custody.orphanedAfter();
  }

  @Override
  public Beat beat(Set<String> topics) {
    reach.run();
    return custody.beat(topics);
  }

  @Override
  public List<Held> take(Collection<Partition> partitions) {
    reach.run();
    return custody.take(partitions);
  }

  @Override
  public void ask(Collection<Partition> partitions) {
    reach.run();
    custody.ask(partitions);
  }

  @Override
  public void withdraw(Collection<Partition> partitions) {
    reach.run();
    custody.withdraw(partitions);
  }

  @Override
  public Set<Partition> wanted() {
    reach.run();
    return custody.wanted();
  }

  @Override
  public boolean depose(long broker) {
    reach.run();
    return custody.depose(broker);
  }

  @Override
  public List<StoredActivation> page(Partition partition, long after, int most) {
    reach.run();
    return custody.page(partition, after, most);
  }

  @Override
  public long reserveKeys(int count) {
    reach.run();
    return custody.reserveKeys(count);
  }

  @Override
  public List<Boolean> leave(List<Report> reports) {
    reach.run();
    return elsewhere.leave(reports);
  }

  @Override
  public List<Left> left(Collection<Partition> partitions, int most) {
    reach.run();
    return elsewhere.left(partitions, most);
  }
}
