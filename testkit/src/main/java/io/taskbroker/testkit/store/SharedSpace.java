package io.taskbroker.testkit.store;

import io.taskbroker.inflight.Journal;
import java.time.Duration;

/** What several brokers keep their rows in, as {@link SharedStoreContract} needs it. */
public interface SharedSpace extends AutoCloseable {
  /** Opens it for one more broker, which is one process. */
  Journal open(String broker);

  /** Has a broker deposed, as if it had given no sign of life for long enough. */
  void depose(String broker);

  /** Lets the time pass by which the space judges how long a partition has been free. */
  void advance(Duration span);

  /**
   * The server crashes and is there again: groups that did not have to survive a power cut are
   * gone, unless a later one had to.
   */
  void crash();

  @Override
  void close();
}
