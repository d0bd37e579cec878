package io.taskbroker.testkit.journal;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Custody;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.KeyReserve;
import io.taskbroker.inflight.Sharing;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One broker's view of an {@link InMemorySpace}. A process that is killed just does not use it any
 * more, and its custodies stay until others depose it.
 */
public final class SharedJournal implements Journal, Custody, KeyReserve, Elsewhere {
  private final InMemorySpace space;
  private final long broker;

  /** The last group that is known to have been there. */
  private volatile long lastKnown;

  SharedJournal(InMemorySpace space, long broker) {
    this.space = space;
    this.broker = broker;
  }

  private Moment now() {
    return space.clock().now();
  }

  // ---------------------------------------------------------------- the journal

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    positions.accept(Map.of());
  }

  @Override
  public Map<String, String> orders() {
    return space.read(state -> state.orders(broker));
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return space.read(state -> own(state).page(filter, after, limit));
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return space.read(state -> own(state).parked(after, limit));
  }

  private JournalImage own(SpaceState state) {
    JournalImage own = new JournalImage();
    state.image.rows.forEach(
        (key, row) -> {
          if (state.isOwn(broker, row)) {
            own.rows.put(key, row);
          }
        });
    return own;
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    Moment now = now();
    boolean _ =
        space.transact(
            state -> {
              state.apply(broker, group, now);
              return true;
            },
            durability == Durability.POWER_CUT);
    lastKnown = group.number();
  }

  @Override
  public long lastGroup() {
    lastKnown = space.read(state -> state.lastGroup(broker));
    return lastKnown;
  }

  @Override
  public void sync() {
    long known = lastKnown;
    boolean _ =
        space.transact(
            state -> {
              refuseIfBehind(state, known);
              return true;
            },
            true);
  }

  private void refuseIfBehind(SpaceState state, long known) {
    if (state.lastGroup(broker) < known) {
      throw new JournalException.Outdated("groups before " + known + " are lost", null);
    }
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (long key : keys) {
      largePayload(key).ifPresent(payload -> payloads.put(key, payload));
    }
    return payloads;
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return space.read(
        state -> {
          long _ = state.lastGroup(broker); // as long as this broker is one
          StoredActivation row = state.image.rows.get(key);
          return row != null && state.isOwn(broker, row)
              ? Optional.ofNullable(state.image.payloads.get(key))
              : Optional.empty();
        });
  }

  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public StoreSize size() {
    return new StoreSize(space.read(state -> state.image.payloadBytes()), 0);
  }

  @Override
  public Optional<Sharing> sharing() {
    return Optional.of(new Sharing(this, this, this));
  }

  @Override
  public void close() {
    Moment now = now();
    boolean _ =
        space.transact(
            state -> {
              state.leave(broker, now);
              return true;
            },
            true);
  }

  // ---------------------------------------------------------------- custody

  @Override
  public Duration orphanedAfter() {
    return ORPHANED;
  }

  @Override
  public Beat beat(Set<String> topics) {
    Moment now = now();
    long known = lastKnown;
    return space.transact(
        state -> {
          refuseIfBehind(state, known);
          return state.beat(broker, topics, now);
        },
        false);
  }

  @Override
  public List<Held> take(Collection<Partition> partitions) {
    Moment now = now();
    List<Partition> wished = List.copyOf(partitions);
    return space.transact(state -> state.take(broker, wished, now), true);
  }

  @Override
  public List<Kept> ask(Collection<Partition> partitions) {
    Moment now = now();
    List<Partition> wished = List.copyOf(partitions);
    return space.transact(state -> state.ask(broker, wished, now), false);
  }

  @Override
  public void withdraw(Collection<Partition> partitions) {
    List<Partition> gone = List.copyOf(partitions);
    boolean _ =
        space.transact(
            state -> {
              state.withdraw(broker, gone);
              return true;
            },
            false);
  }

  @Override
  public Set<Partition> wanted() {
    return space.read(state -> state.wanted(broker));
  }

  @Override
  public boolean depose(long other) {
    Moment now = now();
    return space.transact(state -> state.depose(broker, other, now), true);
  }

  @Override
  public List<StoredActivation> page(Partition partition, long after, int most) {
    return space.read(state -> state.page(broker, partition, after, most));
  }

  /** Nobody else writes here. */
  @Override
  public List<StoredActivation> late(Collection<Partition> partitions) {
    return List.of();
  }

  @Override
  public long reserveKeys(int count) {
    return space.transact(state -> state.reserveKeys(broker, count), true);
  }

  // ---------------------------------------------------------------- reports

  @Override
  public List<Boolean> leave(List<Report> reports) {
    List<Report> left = List.copyOf(reports);
    return space.transact(state -> state.leave(broker, left), false);
  }

  @Override
  public List<Left> left(Collection<Partition> partitions, int most) {
    return space.read(state -> state.left(broker, partitions, most));
  }
}
