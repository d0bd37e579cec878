package io.taskbroker.application.upkeep;

import io.taskbroker.application.Backoff;
import io.taskbroker.application.BadRecordHeaders;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the rows of one lane to their topic, in turns. A row is over once Kafka has acknowledged
 * its record; one that Kafka will never take is parked and holds up nothing.
 */
public final class OutboxRelay {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  /** Records in flight together: a few round trips' worth for any broker. */
  private static final int MAX_ROWS = 1_000;

  /** Payload bytes in flight together. */
  private static final long MAX_BYTES = 16L << 20;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  private final Lane lane;
  private final Supplier<Target> target;
  private final OutboxStore store;
  private final ActivationEncoder encoder;
  private final TimeSource time;
  private final Stalls stalls;
  private final OutboxCounts counts;
  private final OutboxMetrics metrics;
  private final Backoff backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF);
  private Moment notBefore;
  private Moment lastEmpty;

  /** What was last said to stand still; empty if nothing does. */
  private String standstill = "";

  /**
   * Where a lane leads.
   *
   * @param publisher to the cluster that the topic is of
   */
  public record Target(String topic, Publisher publisher) {}

  /**
   * @param target where the lane leads now; asked once for all that is published together
   */
  public OutboxRelay(
      Lane lane,
      Supplier<Target> target,
      OutboxStore store,
      ActivationEncoder encoder,
      TimeSource time,
      Stalls stalls,
      OutboxCounts counts,
      OutboxMetrics metrics) {
    this.lane = lane;
    this.target = target;
    this.store = store;
    this.encoder = encoder;
    this.time = time;
    this.stalls = stalls;
    this.counts = counts;
    this.metrics = metrics;
    this.notBefore = time.now();
    this.lastEmpty = notBefore;
  }

  /** Publishes some rows; how many have left. Zero if there are none, or Kafka takes none now. */
  public int turn() {
    Moment now = time.now();
    if (now.isBefore(notBefore)) {
      tellAge(now);
      return 0;
    }
    List<Taken> taken = store.take(lane, MAX_ROWS, MAX_BYTES);
    if (taken.isEmpty()) {
      lastEmpty = now;
      tellAge(now);
      endStandstill();
      return 0;
    }
    tellAge(now);
    try {
      return publish(taken);
    } catch (RuntimeException e) {
      store.giveBack(taken.stream().map(row -> row.row().key()).toList());
      throw e;
    }
  }

  /** Zero for a lane that is empty now. */
  private void tellAge(Moment now) {
    metrics.behind(lane, Duration.ofMillis(now.monotonicMs() - lastEmpty.monotonicMs()));
  }

  private int publish(List<Taken> taken) {
    long began = time.nanos();
    Target to = target.get();
    List<Taken> sent = new ArrayList<>(taken.size());
    List<OutgoingRecord> records = new ArrayList<>(taken.size());
    for (Taken row : taken) {
      String loop = wouldLoop(row, to.topic());
      if (loop != null) {
        park(row, loop);
        continue;
      }
      try {
        OutgoingRecord record = record(row);
        metrics.publishing(lane, row.row().activation(), record.value().length);
        records.add(record);
        sent.add(row);
      } catch (IllegalArgumentException e) {
        park(row, "it cannot be encoded: " + e.getMessage());
      }
    }
    List<Fate> fates = to.publisher().publish(to.topic(), records);
    if (!sent.isEmpty()) {
      metrics.published(
          lane,
          sent.getFirst().row().activation().partition().topic(),
          sent.size(),
          (int) fates.stream().filter(Fate.Acknowledged.class::isInstance).count(),
          time.nanos() - began);
    }
    return settle(to.topic(), sent, fates);
  }

  private int settle(String topic, List<Taken> sent, List<Fate> fates) {
    List<Long> published = new ArrayList<>(sent.size());
    List<Long> returned = new ArrayList<>();
    Fate.@Nullable NotNow obstacle = null;
    for (int i = 0; i < sent.size(); i++) {
      Taken row = sent.get(i);
      switch (fates.get(i)) {
        case Fate.Acknowledged _ -> published.add(row.row().key());
        case Fate.NotNow notNow -> {
          metrics.notPublished(lane, row.row().activation());
          returned.add(row.row().key());
          obstacle = notNow;
        }
        case Fate.Unknown(String reason, String remedy) -> {
          metrics.notPublished(lane, row.row().activation());
          returned.add(row.row().key());
          obstacle = new Fate.NotNow(reason, remedy);
        }
        case Fate.Refused(String reason) -> {
          metrics.notPublished(lane, row.row().activation());
          park(row, reason);
        }
        case Fate.Never(String reason) -> {
          metrics.notPublished(lane, row.row().activation());
          park(row, reason);
        }
      }
    }
    if (!published.isEmpty()) {
      store.published(published);
      counts.published(lane, published.size());
    }
    if (obstacle == null) {
      backoff.reset();
      endStandstill();
      return sent.size();
    }
    notBefore = time.now().plus(backoff.next());
    store.giveBack(returned);
    beginStandstill(what(topic), obstacle);
    return 0;
  }

  private void beginStandstill(String what, Fate.NotNow obstacle) {
    if (!standstill.equals(what)) { // the rules may have named another topic
      endStandstill();
    }
    standstill = what;
    stalls.begin(
        what, obstacle.reason(), "The rows are kept and tried again. " + obstacle.remedy());
  }

  private void endStandstill() {
    if (!standstill.isEmpty()) {
      stalls.end(standstill);
      standstill = "";
    }
  }

  private String what(String topic) {
    String name =
        switch (lane) {
          case RETRY -> "Publishing retries";
          case DEAD_LETTER -> "Publishing dead letters";
          case DEMOTION -> "Forwarding demoted activations";
        };
    return name + " to topic " + topic;
  }

  /** A bad record that came from its own target would come back for ever. */
  private static @Nullable String wouldLoop(Taken row, String topic) {
    Activation activation = row.row().activation();
    if (!activation.isBadRecord()) {
      return null;
    }
    if (activation.partition().topic().equals(topic)) {
      return "it came from the dead-letter topic itself: " + activation.defect();
    }
    return activation.hasComeBack() ? activation.defect() : null;
  }

  private OutgoingRecord record(Taken row) {
    Activation activation = row.row().activation();
    return switch (lane) {
      case RETRY -> {
        ActivationEncoder.Retry retry =
            encoder.nextAttempt(activation, row.payload(), row.row().retry(), time.now().wallMs());
        yield new OutgoingRecord(retry.payload(), Map.of(), retry.id(), Delivery.AT_LEAST_ONCE);
      }
      case DEAD_LETTER ->
          activation.isBadRecord()
              ? new OutgoingRecord(row.payload(), headers(activation), null, Delivery.AT_LEAST_ONCE)
              : new OutgoingRecord(
                  encoder.withOverride(row.payload(), row.row().retry()),
                  Map.of(),
                  null,
                  Delivery.AT_LEAST_ONCE);
      case DEMOTION -> new OutgoingRecord(row.payload(), Map.of(), null, Delivery.AT_LEAST_ONCE);
    };
  }

  private static Map<String, byte[]> headers(Activation bad) {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    headers.put(BadRecordHeaders.REASON, utf8(String.valueOf(bad.defect())));
    headers.put(BadRecordHeaders.SOURCE_TOPIC, utf8(bad.partition().topic()));
    headers.put(
        BadRecordHeaders.SOURCE_PARTITION, utf8(Integer.toString(bad.partition().number())));
    headers.put(BadRecordHeaders.SOURCE_OFFSET, utf8(Long.toString(bad.offset())));
    headers.put(BadRecordHeaders.SOURCE_TIMESTAMP, utf8(Long.toString(bad.receivedAtMs())));
    return headers;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void park(Taken row, String reason) {
    LOG.error(
        "Row {} ({}) cannot leave for Kafka and is kept aside until the next start: {}",
        row.row().key(),
        row.row().activation().id(),
        reason);
    metrics.parked(lane, row.row().activation());
    store.park(row.row().key(), reason);
  }
}
