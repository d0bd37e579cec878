package io.taskbroker.application.store;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.domain.Partition;
import java.util.Optional;

/**
 * What a store tells its broker. Called on the store's threads: must be quick, must not block and
 * must not throw.
 */
public interface StoreWatch {
  /** Listens to nothing. */
  StoreWatch NONE =
      new StoreWatch() {
        @Override
        public void writing(Optional<String> trouble) {}

        @Override
        public void reading(Optional<String> trouble) {}

        @Override
        public void failed(Throwable cause) {}
      };

  /**
   * Why something could not be written, or nothing once all can be written again. Whoever wanted it
   * written is told, too.
   */
  void writing(Optional<String> trouble);

  /**
   * Why no payload can be read, whichever it is, or nothing once one can be again. Rows that cannot
   * be read each by itself are not told of here.
   */
  void reading(Optional<String> trouble);

  /**
   * Why what this broker shares with others cannot be reached, or nothing once it can be again. It
   * may be told again and again.
   */
  default void sharing(Optional<String> trouble) {}

  /**
   * Why the rows of a partition that is to be read here have not come for some time. It may be told
   * again and again; {@link Absence.Over} and {@link Absence.GivenUp} end it.
   */
  default void absent(Partition partition, Absence absence) {}

  /** A thread of the store that can hang, whose sign of life is to be watched from here on. */
  default void thread(Heartbeat heartbeat) {}

  /** The store has failed for good, and the process must end. Told once. */
  void failed(Throwable cause);
}
