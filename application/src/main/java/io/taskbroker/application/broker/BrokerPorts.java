package io.taskbroker.application.broker;

import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.IntakeMetrics;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.store.Journal;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.TimeSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the broker is attached to.
 *
 * @param journal the broker's from here on; closed with it
 * @param decoders a new decoder for a topic
 * @param onUpkeep given the report of each pass of upkeep; must not throw
 * @param push how work is brought to workers; empty if they fetch it
 */
public record BrokerPorts(
    Journal journal,
    Publisher publisher,
    Function<String, ActivationDecoder> decoders,
    ActivationEncoder encoder,
    TimeSource time,
    IntakeMetrics intakeMetrics,
    Consumer<UpkeepReport> onUpkeep,
    Rulebook rulebook,
    Optional<PushPorts> push) {

  /** Without rules, for workers that fetch. */
  public BrokerPorts(
      Journal journal,
      Publisher publisher,
      Function<String, ActivationDecoder> decoders,
      ActivationEncoder encoder,
      TimeSource time,
      IntakeMetrics intakeMetrics,
      Consumer<UpkeepReport> onUpkeep) {
    this(
        journal,
        publisher,
        decoders,
        encoder,
        time,
        intakeMetrics,
        onUpkeep,
        Rulebook.EMPTY,
        Optional.empty());
  }
}
