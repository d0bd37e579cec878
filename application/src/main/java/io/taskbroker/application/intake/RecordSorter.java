package io.taskbroker.application.intake;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a record: a row, a dead letter or nothing; and puts that into the
 * batches. Used by the reading thread.
 */
final class RecordSorter {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private final String topic;
  private final ActivationDecoder decoder;
  private final RecordRules rules;
  private final BatchQueue batches;
  private final TimeSource time;
  private final EventSink<IntakeEvent> metrics;
  private final Sparsely badLines;
  private final Defects defects;
  private final Defects judgingDefects;
  private final Sparsely expiredLines;

  RecordSorter(
      String topic,
      ActivationDecoder decoder,
      Rulebook rulebook,
      BatchQueue batches,
      IntakeWatch watch) {
    this.topic = topic;
    this.decoder = decoder;
    this.rules = new RecordRules(topic, rulebook);
    this.batches = batches;
    this.time = watch.time();
    this.metrics = watch.metrics();
    this.badLines = new Sparsely(time, Duration.ofSeconds(1));
    this.defects = new Defects("the decoder failed on a record, which becomes a dead letter", time);
    this.judgingDefects =
        new Defects("a kill switch could not be applied to a record, which is let in", time);
    this.expiredLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  void take(SourceRecord record) {
    long nowMs = time.now().wallMs();
    switch (decode(record, nowMs)) {
      case ActivationDecoder.Decoded.Good good ->
          judge(record, good.activation(), good.payload(), nowMs);
      case ActivationDecoder.Decoded.Bad bad -> keepForDeadLetter(record, bad, nowMs);
    }
  }

  /** A record on which the decoder fails is a bad one: tried again it would stop its partition. */
  private ActivationDecoder.Decoded decode(SourceRecord record, long nowMs) {
    if (record.withheldBytes() > 0) {
      return new ActivationDecoder.Decoded.Bad(
          "a value of %d bytes does not fit into max_deliverable_size and was not read"
              .formatted(record.withheldBytes()),
          new byte[0]);
    }
    try {
      return decoder.decode(record, nowMs);
    } catch (RuntimeException e) {
      defects.accept(e);
      byte[] value = record.value();
      return new ActivationDecoder.Decoded.Bad(
          "the decoder failed: " + e, value == null ? new byte[0] : value);
    }
  }

  /** The reference's order: kill switches, then expiry, then demotion. */
  private void judge(SourceRecord record, Activation activation, byte[] payload, long nowMs) {
    Rules inForce = rules.inForce();
    if (isKilled(inForce.killSwitch(), activation, payload)) {
      batches.drop(record);
      return;
    }
    Long expiresAtMs = activation.expiresAtMs();
    if (expiresAtMs != null && nowMs > expiresAtMs) {
      dropExpired(record);
      return;
    }
    switch (rules.demoted(inForce.demotion(), activation)) {
      case NO -> batches.add(record, new NewActivation(activation, payload));
      case SKIPPED -> {
        metrics.count(new IntakeEvent.DemotionSkipped(activation));
        batches.add(record, new NewActivation(activation, payload));
      }
      case YES -> {
        metrics.count(new IntakeEvent.Demoted(activation));
        batches.add(record, new NewActivation(activation, payload, Route.DEMOTION));
      }
    }
  }

  private boolean isKilled(KillSwitch killSwitch, Activation activation, byte[] payload) {
    if (killSwitch.isOff()) {
      return false;
    }
    long before = time.nanos();
    KillSwitch.Match match = match(killSwitch, activation, payload);
    Duration took = Duration.ofNanos(time.nanos() - before);
    metrics.count(new IntakeEvent.Judged(activation, match, took));
    return switch (match) {
      case NONE -> false;
      case WHOLE_TASK, SELECTOR -> true;
    };
  }

  /** One that cannot be judged is let in: it is judged once more before it is handed out. */
  private KillSwitch.Match match(KillSwitch killSwitch, Activation activation, byte[] payload) {
    try {
      return rules.killed(killSwitch, activation, payload);
    } catch (RuntimeException e) {
      judgingDefects.accept(e);
      return KillSwitch.Match.NONE;
    }
  }

  private void dropExpired(SourceRecord record) {
    batches.drop(record);
    metrics.count(new IntakeEvent.Expired());
    long expired = expiredLines.count(1);
    if (expired > 0) {
      LOG.info(
          "{} activations of topic {} had expired before they could be stored and were dropped",
          expired,
          topic);
    }
  }

  private void keepForDeadLetter(
      SourceRecord record, ActivationDecoder.Decoded.Bad bad, long nowMs) {
    metrics.count(new IntakeEvent.Bad());
    long timestampMs = record.timestampMs() < 0 ? nowMs : record.timestampMs();
    boolean comeBack =
        record.headers().stream()
            .anyMatch(header -> header.name().equals(DeadLetterHeaders.REASON));
    String defect = comeBack ? Activation.comeBack(bad.reason()) : bad.reason();
    Activation activation =
        Activation.badRecord(
            record.partition(), record.offset(), timestampMs, nowMs, bad.payload().length, defect);
    batches.add(record, new NewActivation(activation, bad.payload()));
    long lines = badLines.count(1);
    if (lines > 0) {
      LOG.error(
          "Record {}@{} is no task: {}; it goes to the dead-letter topic ({} such records since the"
              + " last line)",
          record.partition(),
          record.offset(),
          bad.reason(),
          lines);
    }
  }
}
