package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Outgoing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What has to leave through Kafka, until Kafka has it. */
public final class Outbox {
  private final Rows rows;

  Outbox(Rows rows) {
    this.rows = rows;
  }

  /** Rows that have to leave by this lane, for one publisher; they are its until it says more. */
  public List<Outgoing> take(Lane lane, int maxRows, long maxBytes) {
    OutboxIndex waiting = rows.indexes.outbox;
    List<Outgoing> taken = new ArrayList<>();
    long bytes = 0;
    for (Row row = waiting.first(lane); row != null; row = waiting.first(lane)) {
      bytes += row.activation.payloadBytes();
      if (taken.size() >= maxRows || (bytes > maxBytes && !taken.isEmpty())) {
        break;
      }
      rows.change(row, outgoing -> outgoing.outgoing = true);
      taken.add(new Outgoing(row.key, row.activation, row.retry));
    }
    return taken;
  }

  /** Kafka has acknowledged these; how many of them were still to leave. */
  public int published(Collection<Long> keys) {
    int done = 0;
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && rows.move(row, Lifecycle.published(row.state))) {
        done++;
      }
    }
    return done;
  }

  /** These could not be published now; they wait for their next turn. */
  public void giveBack(Collection<Long> keys) {
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && row.outgoing) {
        rows.change(row, returned -> returned.outgoing = false);
      }
    }
  }

  /** Kafka will never take this one. It is kept, and holds up nothing. */
  public void park(long key, String reason) {
    Row row = rows.find(key);
    if (row != null && OutboxIndex.laneOf(row) != null) {
      rows.change(
          row,
          parked -> {
            parked.outgoing = false;
            parked.parked = reason;
          });
    }
  }

  /** Lets every parked row try again; for the start of a process. How many there were. */
  public int unpark() {
    List<Row> parked = rows.all().stream().filter(row -> row.parked != null).toList();
    parked.forEach(one -> rows.change(one, row -> row.parked = null));
    return parked.size();
  }
}
