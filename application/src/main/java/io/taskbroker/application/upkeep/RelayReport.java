package io.taskbroker.application.upkeep;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.RelayOutcome.KeptAside;
import io.taskbroker.application.upkeep.RelayOutcome.Leaving;
import io.taskbroker.application.upkeep.RelayOutcome.Round;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells metrics and people what became of a lane's rows. */
final class RelayReport {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final Lane lane;
  private final PublishedCounts counts;
  private final EventSink<OutboxEvent> metrics;
  private final Sparsely parkedLines;
  private final Sparsely refusedLines;

  RelayReport(Lane lane, PublishedCounts counts, EventSink<OutboxEvent> metrics, TimeSource time) {
    this.lane = lane;
    this.counts = counts;
    this.metrics = metrics;
    this.parkedLines = new Sparsely(time, BETWEEN_LINES);
    this.refusedLines = new Sparsely(time, BETWEEN_LINES);
  }

  /** How long the lane has had rows that wait; zero for one that is empty now. */
  void behind(Duration age) {
    metrics.count(new OutboxEvent.Behind(lane, age));
  }

  void tell(RelayOutcome outcome) {
    outcome.rounds.forEach(this::tell);
    outcome.refused.forEach(row -> metrics.count(new OutboxEvent.Parked(lane, row.activation())));
    outcome.parked.forEach(row -> metrics.count(new OutboxEvent.Parked(lane, row.activation())));
    sayRefused(outcome.refused);
    sayParked(outcome.parked);
  }

  private void sayRefused(List<KeptAside> rows) {
    long refused = refusedLines.count(rows.size());
    if (refused > 0 && !rows.isEmpty()) {
      KeptAside last = rows.getLast();
      LOG.warn(
          "Kafka refuses row {} ({}), which is kept aside and tries again by itself: {} ({} such"
              + " rows since the last line)",
          last.row().row().key(),
          last.activation().id(),
          last.reason(),
          refused);
    }
  }

  private void sayParked(List<KeptAside> rows) {
    long parked = parkedLines.count(rows.size());
    if (parked > 0 && !rows.isEmpty()) {
      KeptAside last = rows.getLast();
      LOG.error(
          "Row {} ({}) cannot leave for Kafka and is kept aside until the next start: {} ({} such"
              + " rows since the last line)",
          last.row().row().key(),
          last.activation().id(),
          last.reason(),
          parked);
    }
  }

  private void tell(Round round) {
    int acknowledged = 0;
    for (int i = 0; i < round.some().size(); i++) {
      Leaving row = round.some().get(i);
      Activation activation = row.row().row().activation();
      boolean isAcknowledged = round.fates().get(i) instanceof Fate.Acknowledged;
      metrics.count(
          new OutboxEvent.Tried(lane, activation, row.record().value().length, isAcknowledged));
      acknowledged += isAcknowledged ? 1 : 0;
    }
    counts.published(lane, acknowledged);
    metrics.count(
        new OutboxEvent.Published(
            lane,
            round.some().getFirst().row().row().activation().partition().topic(),
            round.some().size(),
            acknowledged,
            round.took()));
  }
}
