package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts of stores that share a journal have in common: an empty space before each
 * test, and brokers over it.
 *
 * <p>To be extended through {@link SharedStoreContract} only.
 */
abstract class SharingBrokers {
  static final Partition OTHER = new Partition(ORIGIN.topic(), 1);
  static final Duration LEASE = Duration.ofSeconds(30);

  final TimeSource time = new RunningTime();
  private final List<SharingBroker> brokers = new ArrayList<>();
  SharedSpace space;

  /**
   * A new, empty space, that judges brokers by a time of its own. Closed after each test.
   *
   * @param time of the brokers
   */
  abstract SharedSpace openEmptySpace(TimeSource time) throws Exception;

  @BeforeEach
  final void openSpace() throws Exception {
    space = openEmptySpace(time);
  }

  @AfterEach
  final void closeSpace() {
    brokers.forEach(SharingBroker::close);
    space.close();
  }

  final SharingBroker broker(String name) {
    SharingBroker broker = new SharingBroker(space.open(name), time);
    brokers.add(broker);
    return broker;
  }

  static String id(Delivered delivered) {
    return delivered.claim().activation().id();
  }

  /** How many are where, now that the store has done what it was told before. */
  static Depths depths(SharingBroker broker) {
    Set<Partition> _ = broker.store().intake().awaitedPartitions();
    return broker.store().sweeps().depths();
  }
}
