package io.taskbroker.adapters.kafka;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keeps what it is given, in order; can be slow, and can be full. */
final class MemoryIntakeStore implements IntakeStore {
  /** As many pending activations as {@link IntakeBench} allows. */
  static final int FULL = 100_000;

  private final List<NewActivation> rows = new ArrayList<>();
  private final Map<Partition, Long> acknowledged = new HashMap<>();
  private final Map<Partition, Long> assigned = new HashMap<>();
  private final Set<Partition> lost = new HashSet<>();
  private Set<Partition> awaited = Set.of();
  private boolean stuck;
  private boolean full;
  private int waiting;
  private int withdrawn;

  @Override
  public synchronized int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    if (epoch.hasEnded()) {
      withdrawn++;
      throw new StoreException.Rejected("the epoch has ended", new IllegalStateException());
    }
    waiting++;
    notifyAll();
    while (stuck) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    waiting--;
    rows.addAll(batch);
    return batch.size();
  }

  @Override
  public synchronized void acknowledged(Map<Partition, Long> positions) {
    acknowledged.putAll(positions);
  }

  @Override
  public synchronized void assigned(Map<Partition, Long> positions) {
    acknowledged.putAll(positions);
    assigned.putAll(positions);
  }

  /** The positions at which partitions were assigned, of each the latest. */
  synchronized Map<Partition, Long> assignedPositions() {
    return Map.copyOf(assigned);
  }

  @Override
  public synchronized void lost(Collection<Partition> partitions) {
    lost.addAll(partitions);
  }

  @Override
  public synchronized Set<Partition> awaitedPartitions() {
    return awaited;
  }

  @Override
  public void serves(Set<String> applications) {}

  @Override
  public List<ApplicationDepth> applications() {
    return List.of();
  }

  @Override
  public Optional<Activation> largest() {
    return Optional.empty();
  }

  @Override
  public synchronized Backpressure.Load load() {
    Depths depths =
        full ? new Depths(FULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) : Depths.EMPTY;
    return new Backpressure.Load(depths, 0, 0);
  }

  /** From now on a batch that has begun does not end. */
  synchronized void stick() {
    stuck = true;
  }

  synchronized void goOn() {
    stuck = false;
    full = false;
    notifyAll();
  }

  synchronized void fill() {
    full = true;
  }

  /** Rows wait for the positions of these. */
  synchronized void await(Set<Partition> partitions) {
    awaited = Set.copyOf(partitions);
  }

  synchronized boolean isWorking() {
    return waiting > 0;
  }

  synchronized int size() {
    return rows.size();
  }

  synchronized int withdrawn() {
    return withdrawn;
  }

  synchronized Map<Partition, Long> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  synchronized Set<Partition> lost() {
    return Set.copyOf(lost);
  }

  synchronized List<NewActivation> rows() {
    return List.copyOf(rows);
  }

  /** The offsets that were stored of each partition, in the order in which they were stored. */
  synchronized Map<Integer, List<Long>> offsets() {
    Map<Integer, List<Long>> offsets = new HashMap<>();
    for (NewActivation row : rows) {
      offsets
          .computeIfAbsent(row.activation().partition().number(), _ -> new ArrayList<>())
          .add(row.activation().offset());
    }
    return offsets;
  }
}
