package io.taskbroker.application.upkeep;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Totals;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is due by time: deadlines, leases, delays, expiry. Each pass does all that is due, in
 * steps short enough to let workers' calls pass between them. What has to leave through Kafka is
 * left to the {@link OutboxRelay}, so that a standstill there delays no deadline.
 */
public final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  /** Rows per step: some 10 ms of the writer's time. */
  private static final int STEP = 1_000;

  /**
   * How often the rows that wait for each application are counted. Two looks, each of them up to a
   * pass late, find absent workers within the ten seconds that people are promised.
   */
  private static final Duration DEPTHS_EVERY = Duration.ofSeconds(3);

  /** Steps of one kind in one pass: all of them together take less than health forgives. */
  private static final int MOST_STEPS = 30;

  private final SweepStore store;
  private final Supplier<List<ApplicationDepth>> waiting;
  private final UpkeepSettings settings;
  private final TimeSource time;
  private final PublishedCounts outbox;
  private final EventSink<UpkeepEvent> metrics;
  private final Moment started;
  private final Sparsely expiredLines;
  private final Sparsely overtakenLines;
  private final Sparsely leaseLines;
  private final Sparsely killedLines;
  private final Defects defects;
  private final Sparsely unavailableLines;
  private final Sparsely reclaimLines;
  private final Sparsely uncertainLines;
  private final Sparsely exhaustedLines;
  private Totals totalsBefore;
  private Moment nextDepths;
  private Moment reclaimed;
  private Moment rewritten;

  /**
   * @param outbox where relays count what has left
   */
  public Upkeep(
      SweepStore store,
      UpkeepSettings settings,
      TimeSource time,
      PublishedCounts outbox,
      Supplier<List<ApplicationDepth>> waiting,
      EventSink<UpkeepEvent> metrics) {
    this.store = store;
    this.waiting = waiting;
    this.settings = settings;
    this.time = time;
    this.outbox = outbox;
    this.metrics = metrics;
    this.started = time.now();
    this.nextDepths = started;
    this.reclaimed = started;
    this.rewritten = started;
    this.totalsBefore = Totals.ZERO;
    this.expiredLines = new Sparsely(time, Duration.ofMinutes(1));
    this.overtakenLines = new Sparsely(time, Duration.ofMinutes(1));
    this.leaseLines = new Sparsely(time, Duration.ofMinutes(1));
    this.killedLines = new Sparsely(time, Duration.ofMinutes(1));
    this.defects = new Defects("a part of upkeep was left out until its next pass", time);
    this.unavailableLines = new Sparsely(time, Duration.ofMinutes(1));
    this.reclaimLines = new Sparsely(time, Duration.ofMinutes(1));
    this.uncertainLines = new Sparsely(time, Duration.ofMinutes(1));
    this.exhaustedLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /**
   * One pass, of bounded length. A step that the store cannot do now is left to the next pass; a
   * report that says it was cut short asks for that at once.
   */
  public UpkeepReport pass() {
    long began = time.nanos();
    boolean judgesSilence = started.plus(settings.startupGrace()).isBefore(time.now());
    Map<Sweep, Integer> done = new EnumMap<>(Sweep.class);
    for (Sweep kind : Sweep.values()) {
      if (isDue(kind, judgesSilence)) {
        done.put(kind, measured(kind));
      } else {
        metrics.count(new UpkeepEvent.Skipped(kind));
      }
    }
    reclaimSome();
    settings.rewriteInterval().ifPresent(this::rewriteAfter);
    UpkeepReport report = report(done, judgesSilence);
    tell(report);
    measureApplications();
    metrics.count(new UpkeepEvent.Passed(report, since(began)));
    return report;
  }

  private static boolean isDue(Sweep kind, boolean judgesSilence) {
    return switch (kind) {
      case DEADLINES, LEASES -> judgesSilence;
      case ATTEMPTS, EXPIRY, DELAYS, DISCARDS, COMMITTED -> true;
    };
  }

  private int measured(Sweep kind) {
    long began = time.nanos();
    int rows = sweep(kind);
    metrics.count(new UpkeepEvent.Stepped(kind, since(began)));
    return rows;
  }

  private Duration since(long beganNanos) {
    return Duration.ofNanos(time.nanos() - beganNanos);
  }

  private int sweep(Sweep kind) {
    int total = 0;
    try {
      int step = STEP;
      for (int steps = 0; step == STEP && steps < MOST_STEPS; steps++) {
        step = store.sweep(kind, STEP);
        total += step;
      }
    } catch (StoreException.Closed e) {
      throw e;
    } catch (StoreException.Unavailable | StoreException.Overloaded e) {
      long times = unavailableLines.count(1);
      if (times > 0) {
        LOG.error(
            "Upkeep could not look after {} and tries again with the next pass: {} ({} times since"
                + " the last line)",
            kind,
            e.getMessage(),
            times);
      }
    } catch (RuntimeException e) {
      defects.accept(e);
    }
    return total;
  }

  private void reclaimSome() {
    if (!reclaimed.plus(settings.reclaimInterval()).isBefore(time.now())) {
      return;
    }
    try {
      if (!store.reclaim()) {
        reclaimed = time.now();
      }
    } catch (StoreException.Unavailable | StoreException.Overloaded e) {
      reclaimed = time.now();
      if (reclaimLines.count(1) > 0) {
        LOG.warn("Unused space could not be given back: {}", e.getMessage());
      }
    } catch (StoreException.Rejected e) {
      reclaimed = time.now();
      defects.accept(e);
    }
  }

  private void rewriteAfter(Duration interval) {
    if (!rewritten.plus(interval).isBefore(time.now())) {
      return;
    }
    long began = time.nanos();
    try {
      store.rewrite();
      metrics.count(new UpkeepEvent.Rewritten(since(began)));
    } catch (StoreException.Unavailable | StoreException.Overloaded e) {
      metrics.count(new UpkeepEvent.NotRewritten(String.valueOf(e.getMessage())));
      LOG.error("The store could not be rewritten and is used as it is: {}", e.getMessage());
    } catch (StoreException.Rejected e) {
      defects.accept(e);
    }
    rewritten = time.now();
  }

  private void measureApplications() {
    if (!nextDepths.isBefore(time.now())) {
      return;
    }
    nextDepths = time.now().plus(DEPTHS_EVERY);
    try {
      metrics.count(new UpkeepEvent.Waiting(waiting.get()));
    } catch (StoreException.Unavailable | StoreException.Overloaded e) {
      LOG.debug("What waits for each application is not known now", e);
    }
  }

  private UpkeepReport report(Map<Sweep, Integer> done, boolean judgedSilence) {
    Totals totals = store.totals();
    Totals since = totals.minus(totalsBefore);
    tellKilled(since.killed());
    totalsBefore = totals;
    return new UpkeepReport(
        since.finished(),
        outbox.takePublished(Lane.DEAD_LETTER),
        done.getOrDefault(Sweep.DISCARDS, 0),
        done.getOrDefault(Sweep.LEASES, 0),
        done.getOrDefault(Sweep.DEADLINES, 0),
        done.getOrDefault(Sweep.ATTEMPTS, 0),
        done.getOrDefault(Sweep.EXPIRY, 0),
        outbox.takePublished(Lane.RETRY),
        since.delaysEnded(),
        since.overtaken(),
        since.uncertain(),
        judgedSilence,
        done.containsValue(STEP * MOST_STEPS),
        store.depths(),
        store.lag());
  }

  private void tellKilled(long rows) {
    metrics.count(new UpkeepEvent.Killed(rows));
    long killed = killedLines.count(rows);
    if (killed > 0) {
      LOG.info("{} activations were dropped by kill switches when a worker asked", killed);
    }
  }

  private void tell(UpkeepReport report) {
    long expired = expiredLines.count(report.expired());
    if (expired > 0) {
      LOG.info("{} activations expired before a worker asked for them and were dropped", expired);
    }
    long leases = leaseLines.count(report.claimExpirationReset());
    if (leases > 0) {
      LOG.warn(
          "The leases of {} activations have ended without a word from the workers that had them:"
              + " they are pending again, those to run at most once have failed",
          leases);
    }
    long overtaken = overtakenLines.count(report.overtaken());
    if (overtaken > 0) {
      LOG.warn(
          "{} at-most-once activations have failed: they were stored here, but their partition went"
              + " to another broker before their offset was committed, and it may have run them",
          overtaken);
    }
    long uncertain = uncertainLines.count(report.uncertain());
    if (uncertain > 0) {
      LOG.warn(
          "{} at-most-once activations have failed: nobody knows whether Kafka has taken their retry"
              + " or their demoted copy, so they neither leave again nor run here",
          uncertain);
    }
    tellExhausted(report.processingAttemptsExceeded());
    if (!report.isEmpty() && LOG.isDebugEnabled()) {
      tellAll(report);
    }
  }

  private void tellExhausted(long more) {
    long exhausted = exhaustedLines.count(more);
    Optional<Activation> last = exhausted > 0 ? store.lastExhausted() : Optional.empty();
    if (last.isPresent()) {
      LOG.warn(
          "{} activations have used up their attempts and failed, since no worker reported in time;"
              + " the last of them was {} ({} of application {})",
          exhausted,
          last.get().id(),
          last.get().taskname(),
          last.get().application());
    }
  }

  /**
   * For those who read logs by machine: under the keys that the reference gives the same counts.
   */
  private static void tellAll(UpkeepReport report) {
    LOG.atDebug()
        .addKeyValue("result_context.completed", report.completed())
        .addKeyValue("result_context.deadlettered", report.deadLettered())
        .addKeyValue("result_context.discarded", report.discarded())
        .addKeyValue("result_context.claim_expiration_reset", report.claimExpirationReset())
        .addKeyValue("result_context.processing_deadline_reset", report.processingDeadlineReset())
        .addKeyValue(
            "result_context.processing_attempts_exceeded", report.processingAttemptsExceeded())
        .addKeyValue("result_context.expired", report.expired())
        .addKeyValue("result_context.retried", report.retried())
        .addKeyValue("result_context.pending", report.depths().pending())
        .addKeyValue(
            "result_context.claimed", report.depths().claimed() + report.depths().demoted())
        .addKeyValue("result_context.processing", report.depths().processing())
        .addKeyValue(
            "result_context.delay", report.depths().delayed() + report.depths().delayedFar())
        .addKeyValue("result_context.delay_elapsed", report.delayElapsed())
        .log("upkeep.complete");
  }
}
