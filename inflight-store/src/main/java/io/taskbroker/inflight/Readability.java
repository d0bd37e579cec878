package io.taskbroker.inflight;

import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether payloads can be read at all, as far as the last attempts tell. Safe for all threads. */
final class Readability {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Consumer<Optional<String>> listener;
  private volatile boolean failing;

  /**
   * @param listener told why no payload can be read, and with nothing when one can be again
   */
  Readability(Consumer<Optional<String>> listener) {
    this.listener = listener;
  }

  /** One payload could not be read, nor any of some others. */
  synchronized void failed(String reason) {
    failing = true;
    tell(Optional.of(reason));
  }

  boolean isFailing() {
    return failing;
  }

  /** A payload was read, or there is none left to read. */
  void works() {
    if (failing) {
      recovered();
    }
  }

  private synchronized void recovered() {
    failing = false;
    tell(Optional.empty());
  }

  private void tell(Optional<String> trouble) {
    try {
      listener.accept(trouble);
    } catch (RuntimeException e) {
      LOG.error("Whoever is told whether the store can read broke", e);
    }
  }
}
