package io.taskbroker.application.intake;

import io.taskbroker.domain.Partition;
import java.util.Collection;
import java.util.Set;

/**
 * Which partitions' rows the store has, where several brokers share one. A partition's rows follow
 * its assignment, and come some time after it.
 *
 * <p>Safe for any number of threads. No method blocks.
 */
public interface Holdings {
  /** Of a store that belongs to one broker: all rows are there, always. */
  Holdings OF_ALL =
      new Holdings() {
        @Override
        public void revoked(Collection<Partition> partitions) {}

        @Override
        public Set<Partition> awaited() {
          return Set.of();
        }

        @Override
        public boolean isCutOff() {
          return false;
        }
      };

  /**
   * Says that these partitions are not read here any more. Their rows stay, and are served, until
   * another broker wants them.
   */
  void revoked(Collection<Partition> partitions);

  /**
   * Returns the assigned partitions whose rows are not all here. Nothing of them is to be read: it
   * could not be stored. Cheap.
   */
  Set<Partition> awaited();

  /**
   * Returns whether the store has not reached what it shares for so long that others have to read
   * in its place. Cheap.
   */
  boolean isCutOff();
}
