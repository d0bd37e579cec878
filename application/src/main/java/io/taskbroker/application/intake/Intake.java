package io.taskbroker.application.intake;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the records of one topic into the store, and says which of their positions may be
 * committed.
 *
 * <p>Its methods are called by the one thread that reads the topic and none of them waits for the
 * store, except at a change of the assignment. Storing happens on a thread of its own, so that the
 * reader can go on polling, which keeps it in its consumer group.
 */
public final class Intake implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private final String topic;
  private final IntakeStore store;
  private final Holdings holdings;
  private final EventSink<IntakeEvent> metrics;
  private final BatchQueue batches;
  private final RecordSorter sorter;
  private final BatchStorer storer;

  /** Partitions read from in the current assignment. */
  private final Set<Partition> seen = new LinkedHashSet<>();

  /**
   * Partitions of the current assignment. In them nothing but our own commit frees a row: what else
   * the group has committed there comes from an owner who has followed us, while we do not know yet
   * that they are lost.
   */
  private Set<Partition> assigned = Set.of();

  /** Partitions that were given up; the store has not been told yet. */
  private final Set<Partition> givenUp = new LinkedHashSet<>();

  /** How many partitions are ours. */
  private int owned;

  private final IntakeDoor door = new IntakeDoor();

  /** As the other, for a store that belongs to this broker alone. */
  public Intake(
      String topic,
      ActivationDecoder decoder,
      Rulebook rulebook,
      IntakeStore store,
      IntakeSettings settings,
      IntakeWatch watch) {
    this(topic, decoder, rulebook, store, Holdings.OF_ALL, settings, watch);
  }

  /**
   * @param decoder used by the reading thread alone
   */
  public Intake(
      String topic,
      ActivationDecoder decoder,
      Rulebook rulebook,
      IntakeStore store,
      Holdings holdings,
      IntakeSettings settings,
      IntakeWatch watch) {
    this.topic = topic;
    this.store = store;
    this.holdings = holdings;
    this.metrics = watch.metrics();
    metrics.count(new IntakeEvent.Assigned(0));
    this.batches = new BatchQueue(settings, watch.threads());
    this.sorter = new RecordSorter(topic, decoder, rulebook, batches, watch);
    this.storer = new BatchStorer(topic, batches, store, settings, watch);
  }

  public String topic() {
    return topic;
  }

  // ---------------------------------------------------------------- whether it is read at all

  /** From here on the topic is not to be read; its source leaves the group. For all threads. */
  public void shut() {
    door.shut();
  }

  /** The topic is to be read again. For all threads. */
  public void open() {
    door.open();
  }

  /**
   * Whether it is shut and nobody reads the topic any more: what comes is for other members of the
   * group. For all threads.
   */
  public boolean isDeserted() {
    return door.isDeserted();
  }

  /**
   * Whether the topic may be read; to be asked before each turn of the source. If not, the source
   * hands over what it has, leaves the group and says {@link #deserted}. It may not be read either
   * while nothing of it could be stored for long: other members of the group may fare better.
   */
  public boolean mayBeRead() {
    return !holdings.isCutOff() && door.enter();
  }

  /** The source has left the group, and reads nothing until it may. */
  public void deserted() {
    door.left();
  }

  // ---------------------------------------------------------------- records

  /** Takes records in, those of one partition in the order of their offsets. */
  public void accept(List<SourceRecord> records) {
    SourceRecord last = null;
    for (SourceRecord record : records) {
      if (last == null || !last.partition().equals(record.partition())) {
        seen.add(record.partition());
        reached(last);
      }
      sorter.take(record);
      last = record;
    }
    reached(last);
    batches.handOver();
  }

  private void reached(@Nullable SourceRecord last) {
    if (last != null) {
      batches.reached(last.partition(), last.offset() + 1);
    }
  }

  /**
   * The source has gone on to these positions without a record: what lies before them was taken
   * back by its producer, is the source's own, or exists no more.
   */
  public void passed(Map<Partition, Long> positions) {
    positions.forEach(batches::pass);
    batches.handOver();
  }

  /**
   * The source has deleted records before they were read; reading goes on behind them.
   *
   * @param lost how many offsets lie between where reading stood and where it goes on
   */
  public void deleted(Partition partition, long position, long lost) {
    metrics.count(new IntakeEvent.Deleted(lost));
    passed(Map.of(partition, position));
  }

  /** Whether more records can be taken in; if not, the reader pauses and goes on polling. */
  public boolean wantsMore() {
    boolean wants = batches.hasRoom();
    metrics.count(new IntakeEvent.Paused(wants ? 0 : owned));
    return wants;
  }

  /**
   * Assigned partitions that are not to be read yet: their rows are still on their way from another
   * broker.
   */
  public Set<Partition> awaitsRowsOf() {
    Set<Partition> awaited = holdings.awaited();
    if (awaited.isEmpty()) {
      return awaited;
    }
    Set<Partition> ours = new LinkedHashSet<>(awaited);
    ours.retainAll(assigned);
    return ours;
  }

  /**
   * Per partition the offset before which everything is handled and, where it was to be stored,
   * survives a power cut; only what has not been reported committed.
   */
  public Map<Partition, Long> committable() {
    return batches.committable();
  }

  /** Kafka has acknowledged our commit of these positions. */
  public void committed(Map<Partition, Long> positions) {
    batches.committed(positions);
    store.acknowledged(positions);
  }

  /** How far this broker is with each partition of its share, by their numbers. For all threads. */
  public Map<Integer, Progress> progress() {
    return batches.progress();
  }

  /** Tells the metrics how many partitions the new assignment gives us. */
  public void owns(int partitions) {
    owned = partitions;
    metrics.count(new IntakeEvent.Assigned(partitions));
  }

  private void ownsNone() {
    metrics.count(new IntakeEvent.Revoked(owned));
    holdings.revoked(assigned);
    assigned = Set.of();
    owned = 0;
    metrics.count(new IntakeEvent.Paused(0));
  }

  /**
   * A new assignment begins. Waits for the store.
   *
   * @param groupPositions where the group stands in each assigned partition; 0 where it has
   *     committed nothing
   * @throws io.taskbroker.application.StoreException if the store did not take that in; nothing may
   *     be accepted before it has
   */
  public void assigned(Map<Partition, Long> groupPositions) {
    tellGivenUp();
    store.assigned(groupPositions);
    assigned = Ordered.copyOf(groupPositions.keySet());
    seen.clear();
    batches.begin(groupPositions);
  }

  /**
   * The assignment ends in good order: nothing more of it is stored when this returns.
   *
   * @param patience how long to wait for a batch that the store has begun
   * @return the positions to commit before the partitions are handed over
   */
  public Map<Partition, Long> revoke(Duration patience) {
    boolean quiet = batches.end(patience);
    if (!quiet) {
      LOG.error(
          "The store did not finish a batch of topic {} within {} ms; its records may be stored by"
              + " their next owner, too",
          topic,
          patience.toMillis());
    }
    givenUp.addAll(seen);
    ownsNone();
    return batches.committable();
  }

  /** The partitions belong to somebody else already: nothing is to be committed. */
  public void lost() {
    batches.lose();
    givenUp.addAll(seen);
    ownsNone();
    tellGivenUp();
  }

  private void tellGivenUp() {
    if (!givenUp.isEmpty()) {
      store.lost(givenUp);
      givenUp.clear();
    }
  }

  /**
   * Partitions of other members for whose commit a stored row waits. Asks the store, and waits for
   * its answer.
   */
  public Set<Partition> awaited() {
    Set<Partition> awaited = new LinkedHashSet<>(store.awaitedPartitions());
    awaited.removeIf(partition -> !partition.topic().equals(topic) || assigned.contains(partition));
    return awaited;
  }

  /**
   * Another member of the group has committed these positions. Partitions of the current assignment
   * are left out: only we commit there.
   */
  public void groupMovedTo(Map<Partition, Long> positions) {
    Map<Partition, Long> others = new LinkedHashMap<>(positions);
    others.keySet().removeAll(assigned);
    tellGivenUp();
    store.acknowledged(others);
  }

  /** The sign of life of the storing thread. */
  public Heartbeat heartbeat() {
    return storer.heartbeat();
  }

  /** Ends the storing thread. Calls after it, other than to read positions, do nothing. */
  @Override
  public void close() {
    storer.close();
  }
}
