package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What has to leave through Kafka, until Kafka has it. */
public final class Outbox {
  /** How long a row is kept aside after its first refusal; twice as long after each further one. */
  private static final Duration FIRST_REST = Duration.ofSeconds(5);

  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  /** Rows that try again after one call; the next one wakes more. */
  private static final int MOST_WOKEN = 1_000;

  /** More doublings than lead to the longest rest. */
  private static final int MOST_DOUBLINGS = 10;

  /** Several times what publishers have in hand at once. */
  private static final int MOST_GONE = 20_000;

  private final Rows rows;
  private final List<Long> inDoubt = new ArrayList<>();

  /**
   * Rows that have gone with their partition while a publisher had them, by key. They are kept,
   * since their partition may come back; of very many the oldest are forgotten, and such a record
   * may leave twice.
   */
  private final Map<Long, Gone> gone =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Gone> eldest) {
          return size() > MOST_GONE;
        }
      };

  /**
   * A task whose row has gone to another broker while its record was on its way.
   *
   * @param lane of the record
   * @param attempts of the task by then
   * @param failure of the task by then; null if it had not failed
   * @param isAcknowledged whether Kafka has the record
   */
  public record Gone(
      String id, Lane lane, int attempts, @Nullable Failure failure, boolean isAcknowledged) {
    private static Gone of(Row row, Lane lane) {
      return new Gone(row.activation.id(), lane, row.attempts, row.failure, false);
    }

    private Gone acknowledged() {
      return new Gone(id, lane, attempts, failure, true);
    }

    /** Whether the record is what the row has to send, and not what it once had to. */
    private boolean isOf(Row row) {
      return id.equals(row.activation.id())
          && lane == OutboxIndex.laneOf(row)
          && attempts == row.attempts
          && Objects.equals(failure, row.failure);
    }
  }

  Outbox(Rows rows) {
    this.rows = rows;
  }

  /**
   * Rows that have to leave by this lane, for one publisher; they are its until it says more.
   *
   * <p>Those that must not be published twice are under way from here on: this has to be synced
   * before their records go to Kafka.
   */
  public List<Outgoing> take(Lane lane, int maxRows, long maxBytes, Moment now) {
    wake(now);
    List<Outgoing> taken = new ArrayList<>();
    long bytes = 0;
    for (Row row = next(lane, null); row != null; row = next(lane, row)) {
      Gone before = gone.get(row.key);
      if (before != null && !before.isAcknowledged()) {
        continue; // a publisher has what the row had to send before; it answers soon
      }
      if (hasLeft(row)) {
        boolean _ = rows.move(row, Lifecycle.published(row.state));
        continue;
      }
      bytes += row.activation.payloadBytes();
      if (taken.size() >= maxRows
          || rows.budget().isSpent()
          || (bytes > maxBytes && !taken.isEmpty())) {
        break;
      }
      gone.remove(row.key);
      rows.change(
          row,
          outgoing -> {
            outgoing.departing = lane;
            outgoing.underWay = mustLeaveOnce(lane, outgoing);
          });
      taken.add(
          new Outgoing(
              row.key, row.activation, row.retry, row.attempts, row.failure, row.refusals));
    }
    return taken;
  }

  /** Rows whose partition goes are left to its next owner. */
  private @Nullable Row next(Lane lane, @Nullable Row seen) {
    OutboxIndex waiting = rows.indexes.outbox;
    Row row = waiting.after(lane, seen);
    while (row != null && rows.standings.isGoing(row.activation.partition())) {
      row = waiting.after(lane, row);
    }
    return row;
  }

  /** Whether Kafka has acknowledged its record while the row was elsewhere. */
  private boolean hasLeft(Row row) {
    Gone before = gone.get(row.key);
    return before != null && before.isAcknowledged() && before.isOf(row);
  }

  /** Whether the row is a publisher's. */
  public boolean isTaken(long key) {
    Row row = rows.find(key);
    return row != null && row.isOutgoing();
  }

  /** A second dead letter does no harm; a second retry would run the task twice. */
  private static boolean mustLeaveOnce(Lane lane, Row row) {
    return switch (lane) {
      case RETRY, DEMOTION -> row.activation.isAtMostOnce();
      case DEAD_LETTER -> false;
    };
  }

  private void wake(Moment now) {
    for (int woken = 0; woken < MOST_WOKEN && !rows.budget().isSpent(); woken++) {
      Row row = rows.indexes.outbox.firstRested(now.monotonicMs());
      if (row == null) {
        return;
      }
      rows.change(row, rested -> rested.parked = null);
    }
  }

  /**
   * Kafka has acknowledged these; how many of them were still to leave as what Kafka has of them.
   */
  public int published(Collection<Long> keys) {
    int done = 0;
    for (long key : keys) {
      Gone before = gone.get(key);
      Row row = answered(key);
      if (row != null && rows.move(row, Lifecycle.published(row.state))) {
        done++;
      }
      if (before != null) {
        gone.put(key, before.acknowledged());
      }
    }
    return done;
  }

  /** Kafka has acknowledged a record of this task that another broker has sent. */
  public void published(String id, Lane lane) {
    Row row = rows.find(id);
    if (row != null && OutboxIndex.laneOf(row) == lane) {
      boolean _ = rows.move(row, Lifecycle.published(row.state));
    }
  }

  /**
   * The row goes with its partition, or everything is forgotten. Of one that is put aside its
   * publisher may have said what it had to say.
   */
  void leaves(Row row) {
    Lane lane = row.departing;
    if (lane != null && row.putAside == null && !row.activation.isBadRecord()) {
      gone.put(row.key, Gone.of(row, lane));
    }
  }

  /** What a publisher had when its partition went; null if it went with none, or is forgotten. */
  public @Nullable Gone gone(long key) {
    return gone.get(key);
  }

  /**
   * A publisher says what became of a row. If a report has come while it had the row, that says
   * nothing about what has to leave now, which is the publishers' from here on.
   *
   * @return the row; null if it is not here, or what was said has no meaning for it any more
   */
  private @Nullable Row answered(long key) {
    Row row = rows.find(key);
    if (gone.remove(key) != null) {
      return null; // what is here now, if anything, has never been this publisher's
    }
    if (row == null || row.departing == null || row.isOutgoing()) {
      return row;
    }
    rows.change(row, changed -> changed.departing = null);
    return null;
  }

  /** These are certainly not in Kafka and could not be published now; they wait for their turn. */
  public void giveBack(Collection<Long> keys) {
    for (long key : keys) {
      Row row = answered(key);
      if (row != null && row.departing != null) {
        rows.change(
            row,
            returned -> {
              returned.departing = null;
              returned.underWay = false;
            });
      }
    }
  }

  /**
   * Kafka may have this one, and it must not be there twice: it has failed.
   *
   * @return false if the row is not under way any more
   */
  public boolean uncertain(long key, String lastError, Moment now) {
    Row row = answered(key);
    return row != null && row.underWay && failInDoubt(row, lastError, now);
  }

  private boolean failInDoubt(Row row, String lastError, Moment now) {
    FailureCause cause =
        row.state instanceof AwaitingRetry
            ? FailureCause.RETRY_UNCERTAIN
            : FailureCause.DEMOTION_UNCERTAIN;
    Failure failure = new Failure(cause, now.wallMs(), lastError);
    if (!rows.move(row, Lifecycle.departureUncertain(row.state), failure)) {
      return false;
    }
    rows.change(row, failed -> failed.departing = null);
    rows.countUncertain();
    return true;
  }

  /**
   * A row comes. If it was here before, and the publisher that had it then has it still, it goes on
   * being that publisher's.
   */
  void comes(Row row) {
    Gone before = gone.get(row.key);
    if (before != null && !before.isAcknowledged() && before.isOf(row)) {
      row.departing = before.lane();
      row.underWay = mustLeaveOnce(before.lane(), row);
      gone.remove(row.key);
    } else if (row.underWay || hasLeft(row)) {
      inDoubt.add(row.key);
    }
  }

  /**
   * Rows that have come since the last call, and that Kafka has, or may have since they were under
   * way when their last owner ended. They neither leave nor come back until {@link #settle}.
   */
  public List<Long> takeInDoubt() {
    List<Long> taken = List.copyOf(inDoubt);
    inDoubt.clear();
    return taken;
  }

  /**
   * Ends what {@link #takeInDoubt} has told of: the row is over if Kafka is known to have it, and
   * otherwise has failed.
   *
   * @return false if the row is not under way any more
   */
  public boolean settle(long key, String lastError, Moment now) {
    Row row = rows.find(key);
    if (row == null || row.departing != null) {
      return false;
    }
    return hasLeft(row)
        ? rows.move(row, Lifecycle.published(row.state))
        : row.underWay && failInDoubt(row, lastError, now);
  }

  /** It will not leave while this process runs. It is kept, and holds up nothing. */
  public void park(long key, String reason) {
    park(key, reason, Row.NEVER);
  }

  /** It was refused by itself, for what may pass. It is kept, and tries again after a while. */
  public void refused(long key, String reason, Moment now) {
    Row row = rows.find(key);
    if (row != null) {
      park(key, reason, now.plus(restAfter(row.refusals)).monotonicMs());
    }
  }

  private static Duration restAfter(int refusals) {
    Duration rest = FIRST_REST.multipliedBy(1L << Math.min(refusals, MOST_DOUBLINGS));
    return rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
  }

  private void park(long key, String reason, long untilMs) {
    Row row = answered(key);
    if (row != null && OutboxIndex.laneOf(row) != null) {
      rows.change(
          row,
          parked -> {
            parked.departing = null;
            parked.underWay = false;
            parked.parked = reason;
            parked.refusals++;
            parked.parkedUntilMs = untilMs;
          });
    }
  }

  /**
   * Lets parked rows try again; for the start of a process. How many there were; if the turn's
   * budget is spent there may be more.
   */
  public int unpark() {
    int unparked = 0;
    for (Row row = rows.indexes.outbox.firstParked();
        row != null && !rows.budget().isSpent();
        row = rows.indexes.outbox.firstParked()) {
      rows.change(row, one -> one.parked = null);
      unparked++;
    }
    return unparked;
  }
}
