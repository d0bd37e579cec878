package io.taskbroker.application.broker;

import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.TimeSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the broker is attached to.
 *
 * @param store opens the store, which is closed with the broker
 * @param decoders a new decoder for a topic
 * @param threads runs the broker's jobs, and the store's
 * @param metrics who counts what happens
 * @param push how work is brought to workers; empty if they fetch it
 */
public record BrokerPorts(
    StoreOpener store,
    Publisher publisher,
    Function<String, ActivationDecoder> decoders,
    ActivationEncoder encoder,
    TimeSource time,
    Threads threads,
    BrokerMetrics metrics,
    Rulebook rulebook,
    Optional<PushPorts> push) {

  /** Without rules, for workers that fetch. */
  public BrokerPorts(
      StoreOpener store,
      Publisher publisher,
      Function<String, ActivationDecoder> decoders,
      ActivationEncoder encoder,
      TimeSource time,
      Threads threads,
      BrokerMetrics metrics) {
    this(
        store,
        publisher,
        decoders,
        encoder,
        time,
        threads,
        metrics,
        Rulebook.EMPTY,
        Optional.empty());
  }

  /** The same ports, with other rules in force. */
  BrokerPorts with(RuntimeRules rules) {
    return new BrokerPorts(
        store, publisher, decoders, encoder, time, threads, metrics, rulebook.with(rules), push);
  }

  /** The same ports, but none of the metrics can break what it counts, and these count, too. */
  BrokerPorts withCarefulMetrics(FlowMeter meter, RuleTally tally, EndedFeed feed) {
    return new BrokerPorts(
        store,
        publisher,
        decoders,
        encoder,
        time,
        threads,
        meter.beside(tally.beside(feed.beside(metrics.careful(time)))),
        rulebook,
        push.map(ports -> ports.careful(time)));
  }
}
