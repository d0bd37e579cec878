package io.taskbroker.application.store;

import io.taskbroker.application.Heartbeat;
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

  /** A thread of the store that can hang, whose sign of life is to be watched from here on. */
  default void thread(Heartbeat heartbeat) {}

  /** The store has failed for good, and the process must end. Told once. */
  void failed(Throwable cause);
}
