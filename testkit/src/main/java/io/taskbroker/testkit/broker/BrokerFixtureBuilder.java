package io.taskbroker.testkit.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.util.Optional;
import java.util.function.Supplier;

/** A {@link BrokerFixture} of which some parts are the caller's; the rest is in memory. */
public final class BrokerFixtureBuilder {
  Supplier<StoreOpener> stores = over(new InMemoryFile()::open);
  Optional<PushPorts> push = Optional.empty();
  BrokerMetrics metrics = BrokerMetrics.NONE;
  Backpressure.Limits limits = FixtureSettings.LIMITS;

  BrokerFixtureBuilder() {}

  /**
   * A journal of the caller's.
   *
   * @param journals opens it, also after it was closed
   */
  public BrokerFixtureBuilder journal(Supplier<? extends Journal> journals) {
    stores = over(journals);
    return this;
  }

  private static Supplier<StoreOpener> over(Supplier<? extends Journal> journals) {
    return () -> OwnedStore.over(journals.get(), FixtureSettings.STORE);
  }

  /**
   * A store of the caller's.
   *
   * @param store opens it, also after it was closed
   */
  public BrokerFixtureBuilder store(StoreOpener store) {
    stores = () -> store;
    return this;
  }

  /** Workers that are called; nothing else is handed out. */
  public BrokerFixtureBuilder workers(WorkerGateway workers) {
    push = Optional.of(new PushPorts(workers, FixtureSettings.PUSHING, EventSink.none()));
    return this;
  }

  /** Somebody who counts what happens. */
  public BrokerFixtureBuilder metrics(BrokerMetrics metrics) {
    this.metrics = metrics;
    return this;
  }

  /** What the store may hold before intake is held. */
  public BrokerFixtureBuilder limits(Backpressure.Limits limits) {
    this.limits = limits;
    return this;
  }

  public BrokerFixture start() {
    return new BrokerFixture(this);
  }
}
