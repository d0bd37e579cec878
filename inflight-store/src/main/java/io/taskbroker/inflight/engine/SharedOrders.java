package io.taskbroker.inflight.engine;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Pauses and kept orders hold for all brokers that share a journal. Here comes in what others have
 * written of them since this broker began.
 */
public final class SharedOrders {
  private final Pauses pauses;
  private final KeptOrders kept;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong keptByOthers = new AtomicLong();

  SharedOrders(Pauses pauses, KeptOrders kept) {
    this.pauses = pauses;
    this.kept = kept;
  }

  /**
   * How often this broker has written such orders. To be asked before the journal is, for {@link
   * #takeIn}. For all threads.
   */
  public long written() {
    return written.get();
  }

  /** How often the kept orders have become others than this broker had. For all threads. */
  public long keptByOthers() {
    return keptByOthers.get();
  }

  /**
   * Takes in the standing orders that the journal had at some moment. Nothing is taken in if this
   * broker has written some itself since, or is about to: the journal has to be asked again then.
   * What is taken in stays, also if the group is taken back.
   *
   * @param orders all that hold for everybody
   * @param writtenBefore what {@link #written} said before that moment
   * @return whether they are in force now
   */
  public boolean takeIn(Map<String, String> orders, long writtenBefore) {
    if (written.get() != writtenBefore || isPending()) {
      return false;
    }
    Map<String, String> before = kept.all();
    kept.restore(orders);
    if (!kept.all().equals(before)) {
      keptByOthers.incrementAndGet();
    }
    pauses.restore(
        orders.entrySet().stream()
            .map(order -> PauseText.read(order.getKey(), order.getValue()))
            .flatMap(Stream::ofNullable)
            .toList());
    return true;
  }

  private boolean isPending() {
    return !pauses.changes().isEmpty() || !kept.changes().isEmpty();
  }

  /** The group is written; to be told before its orders are settled. */
  void settle() {
    if (isPending()) {
      written.incrementAndGet();
    }
  }
}
