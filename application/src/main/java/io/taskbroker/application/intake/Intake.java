package io.taskbroker.application.intake;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the records of one topic into the store, and says which of their positions may be
 * committed.
 *
 * <p>Its methods are called by the one thread that reads the topic and none of them waits for the
 * store, except at a change of the assignment. Storing happens on a thread of its own, so that the
 * reader can go on polling, which keeps it in its consumer group.
 */
public final class Intake implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private final String topic;
  private final ActivationDecoder decoder;
  private final RecordRules rules;
  private final IntakeStore store;
  private final TimeSource time;
  private final IntakeMetrics metrics;
  private final BatchQueue batches;
  private final BatchStorer storer;
  private final Sparsely badLines;
  private final Sparsely decoderLines;
  private final Sparsely expiredLines;

  /** Partitions read from in the current assignment. */
  private final Set<Partition> seen = new LinkedHashSet<>();

  /** Partitions that were given up, of which the store has yet to be told. */
  private final Set<Partition> givenUp = new LinkedHashSet<>();

  /** How many partitions are ours. */
  private int owned;

  /**
   * @param decoder used by the reading thread alone
   */
  public Intake(
      String topic,
      ActivationDecoder decoder,
      Rulebook rulebook,
      IntakeStore store,
      IntakeSettings settings,
      IntakeWatch watch) {
    this.topic = topic;
    this.decoder = decoder;
    this.rules = new RecordRules(topic, rulebook);
    this.store = store;
    this.time = watch.time();
    this.metrics = watch.metrics();
    this.badLines = new Sparsely(time, Duration.ofSeconds(1));
    this.decoderLines = new Sparsely(time, Duration.ofMinutes(1));
    this.expiredLines = new Sparsely(time, Duration.ofMinutes(1));
    metrics.assigned(topic, 0);
    this.batches = new BatchQueue(settings, watch.threads());
    this.storer = new BatchStorer(topic, batches, store, settings, watch);
  }

  public String topic() {
    return topic;
  }

  /** Takes records in, those of one partition in the order of their offsets. */
  public void accept(List<SourceRecord> records) {
    for (SourceRecord record : records) {
      seen.add(record.partition());
      accept(record);
    }
    batches.handOver();
  }

  private void accept(SourceRecord record) {
    long nowMs = time.now().wallMs();
    switch (decode(record, nowMs)) {
      case ActivationDecoder.Decoded.Good good ->
          judge(record, good.activation(), good.payload(), nowMs);
      case ActivationDecoder.Decoded.Bad bad -> keepForDeadLetter(record, bad, nowMs);
    }
  }

  /** A record on which the decoder fails would fail again each time, and stop its partition. */
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
      long failures = decoderLines.count(1);
      if (failures > 0) {
        LOG.error(
            "The decoder failed on record {}@{} ({} such records since the last line)",
            record.partition(),
            record.offset(),
            failures,
            e);
      }
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
        metrics.demotionSkipped(topic, activation);
        batches.add(record, new NewActivation(activation, payload));
      }
      case YES -> {
        metrics.demoted(topic, activation);
        batches.add(record, new NewActivation(activation, payload, Route.DEMOTION));
      }
    }
  }

  private boolean isKilled(KillSwitch killSwitch, Activation activation, byte[] payload) {
    if (killSwitch.isOff()) {
      return false;
    }
    long before = time.nanos();
    KillSwitch.Match match = rules.killed(killSwitch, activation, payload);
    metrics.judged(topic, Duration.ofNanos(time.nanos() - before));
    return switch (match) {
      case NONE -> false;
      case WHOLE_TASK, SELECTOR -> {
        metrics.killed(topic, activation, match);
        yield true;
      }
    };
  }

  private void dropExpired(SourceRecord record) {
    batches.drop(record);
    metrics.expired(topic);
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
    metrics.bad(topic);
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

  /**
   * The source has gone on to these positions without a record: what lies before them was taken
   * back by its producer, is the source's own, or exists no more.
   */
  public void passed(Map<Partition, Long> positions) {
    positions.forEach(batches::pass);
    batches.handOver();
  }

  /**
   * The source has deleted records before they were read; reading goes on behind them.
   *
   * @param lost how many offsets lie between where reading stood and where it goes on
   */
  public void deleted(Partition partition, long position, long lost) {
    metrics.deleted(topic, lost);
    passed(Map.of(partition, position));
  }

  /** Whether more records can be taken in; if not, the reader pauses and goes on polling. */
  public boolean wantsMore() {
    boolean wants = batches.hasRoom();
    metrics.paused(topic, wants ? 0 : owned);
    return wants;
  }

  /**
   * Per partition the offset before which everything is handled and, where it was to be stored,
   * survives a power cut; only what has not been reported committed.
   */
  public Map<Partition, Long> committable() {
    return batches.committable();
  }

  /** Kafka has acknowledged our commit of these positions. */
  public void committed(Map<Partition, Long> positions) {
    batches.committed(positions);
    store.acknowledged(positions);
  }

  /** How many partitions an assignment that has begun gives us; for the record. */
  public void owns(int partitions) {
    owned = partitions;
    metrics.assigned(topic, partitions);
  }

  private void ownsNone() {
    metrics.revoked(topic, owned);
    owned = 0;
    metrics.paused(topic, 0);
  }

  /**
   * A new assignment begins. Waits for the store.
   *
   * @param groupPositions where the group stands in each assigned partition; 0 where it has
   *     committed nothing
   * @throws io.taskbroker.application.StoreException if the store did not take that in; nothing may
   *     be accepted before it has
   */
  public void assigned(Map<Partition, Long> groupPositions) {
    tellGivenUp();
    store.assigned(groupPositions);
    seen.clear();
    batches.begin();
  }

  /**
   * The assignment ends in good order: nothing more of it is stored when this returns.
   *
   * @param patience how long to wait for a batch that the store has begun
   * @return the positions to commit before the partitions are handed over
   */
  public Map<Partition, Long> revoke(Duration patience) {
    boolean quiet = batches.end(patience);
    if (!quiet) {
      LOG.error(
          "The store did not finish a batch of topic {} within {} ms; its records may be stored by"
              + " their next owner, too",
          topic,
          patience.toMillis());
    }
    givenUp.addAll(seen);
    ownsNone();
    return batches.committable();
  }

  /** The partitions belong to somebody else already: nothing is to be committed. */
  public void lost() {
    batches.lose();
    givenUp.addAll(seen);
    ownsNone();
    tellGivenUp();
  }

  private void tellGivenUp() {
    if (!givenUp.isEmpty()) {
      store.lost(givenUp);
      givenUp.clear();
    }
  }

  /**
   * Partitions, ours or not, whose committed position some stored row waits for. Asks the store and
   * waits for its answer.
   */
  public Set<Partition> awaited() {
    Set<Partition> awaited = new LinkedHashSet<>(store.awaitedPartitions());
    awaited.removeIf(partition -> !partition.topic().equals(topic));
    return awaited;
  }

  /** The group, by whichever member, has committed these positions. */
  public void groupMovedTo(Map<Partition, Long> positions) {
    tellGivenUp();
    store.acknowledged(positions);
  }

  /** The sign of life of the storing thread. */
  public Heartbeat heartbeat() {
    return storer.heartbeat();
  }

  /** Ends the storing thread. Calls after it, other than to read positions, do nothing. */
  @Override
  public void close() {
    storer.close();
  }
}
