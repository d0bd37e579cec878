package io.taskbroker.application.intake;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What intake needs from storage: to take batches in, and to be told how far Kafka has
 * acknowledged.
 *
 * <p>Safe for any number of threads. {@link #acknowledged} and {@link #lost} tell what has happened
 * outside: they neither block nor fail, and later calls find it done. While the store cannot write
 * it down, it does nothing else either. The other methods wait for the store.
 */
public interface IntakeStore {
  /**
   * Stores what is not stored yet, and returns once a power cut cannot take it away.
   *
   * @param batch ids that are stored already, or that come twice, are ignored
   * @param epoch the assignment under which the batch was read. Rows that are stored after it was
   *     lost are treated as rows that were stored before: {@link #lost} holds for them, too
   * @return how many rows are new
   * @throws StoreException.RefusedRows if some rows cannot be written, each by itself; the others
   *     are stored
   * @throws StoreException.Unavailable if it was not stored, or not all of it; the same batch is to
   *     be tried again. That is so, too, while {@link Holdings#awaited} names its partition
   * @throws StoreException.Rejected if {@code epoch} had ended before the store began; nothing was
   *     stored, and nothing will be
   * @throws StoreException.Closed if the store has ended; what was stored is not known
   */
  int add(List<NewActivation> batch, AssignmentEpoch epoch);

  /**
   * Records how far the group's position has been committed, by this broker or by another member:
   * records before it do not come again.
   *
   * @param positions per partition the offset of the next record
   */
  void acknowledged(Map<Partition, Long> positions);

  /**
   * Records that this broker alone reads these partitions from now on, and that the group stands
   * exactly there. What was remembered of them is forgotten, even if it was further on: then the
   * group was set back, or the topic was deleted and created anew, and records from these positions
   * on can come once more.
   *
   * <p>Where several brokers share a store, the rows of these partitions begin to come with this
   * call; {@link Holdings#awaited} says which are not here yet.
   *
   * @param positions per partition the offset of the next record; 0 where the group has committed
   *     none
   */
  void assigned(Map<Partition, Long> positions);

  /** Records that these partitions went to somebody else before their positions were committed. */
  void lost(Collection<Partition> partitions);

  /** Returns the partitions with rows that wait until Kafka has acknowledged their positions. */
  Set<Partition> awaitedPartitions();

  /**
   * These applications have workers that are called, so their rows count towards the limits even if
   * nothing is claimed for a while. To be called once.
   */
  void serves(Set<String> applications);

  /** Returns what waits in each application, in no order. Blocks; for few callers. */
  List<ApplicationDepth> applications();

  /** Returns the task with the largest payload, if any is larger than most are. Cheap. */
  Optional<Activation> largest();

  /** Returns what fills the store at this moment. Cheap. */
  Backpressure.Load load();
}
