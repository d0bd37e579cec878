package io.taskbroker.application.push;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings work to the workers of every application, in turns of one loop; the lanes do the rest as
 * store and workers answer.
 */
public final class PushDelivery {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  /**
   * The longest that an activation waits for an idle lane to look; asking costs next to nothing.
   */
  public static final Duration REST = Duration.ofMillis(5);

  private static final Duration REPORT_EVERY = Duration.ofMinutes(1);

  private static final Duration REPORT_WHILE_BLIND = Duration.ofSeconds(5);

  /** Applications that a line names; producers decide how many there are. */
  private static final int MOST_NAMED = 20;

  private final PushStore store;
  private final TimeSource time;
  private final EventSink<PushEvent> metrics;
  private final Set<String> served;
  private final List<PushLane> lanes = new ArrayList<>();
  private Moment nextReport;

  public PushDelivery(PushStore store, PushPorts ports, TimeSource time, Stalls stalls) {
    this.store = store;
    this.time = time;
    this.metrics = ports.metrics();
    this.served = Ordered.sorted(ports.gateway().applications());
    var bytes = new ClaimedBytes();
    for (String application : served) {
      var lines = new PushLines(application, stalls, time);
      lanes.add(new PushLane(application, ports, store, time, lines, bytes));
    }
    this.nextReport = time.now();
  }

  /**
   * Lets every lane look for work.
   *
   * @return always 0, so that the loop rests
   */
  public int turn() {
    lanes.forEach(PushLane::pump);
    Moment now = time.now();
    if (nextReport.isBefore(now)) {
      nextReport = now.plus(isBlind() ? REPORT_WHILE_BLIND : REPORT_EVERY);
      report(store.pendingByApplication());
    }
    return 0;
  }

  /** The workers that are called, by application and address. Safe for all threads. */
  public List<CalledWorker> workers() {
    return lanes.stream().flatMap(lane -> lane.workers().stream()).toList();
  }

  /** Whether any lane has nobody to ask, so that only the store knows whether it is needed. */
  private boolean isBlind() {
    return lanes.stream().anyMatch(PushLane::hasNoConnection);
  }

  private void report(Map<String, Integer> pending) {
    for (PushLane lane : lanes) {
      if (pending.containsKey(lane.application())) {
        lane.somethingWaits();
      } else {
        lane.nothingWaits();
      }
    }
    reportUnserved(pending);
  }

  private void reportUnserved(Map<String, Integer> pending) {
    Map<String, Integer> unserved = new TreeMap<>(pending);
    unserved.keySet().removeAll(served);
    metrics.count(new PushEvent.WithoutWorker(unserved));
    if (unserved.isEmpty()) {
      return;
    }
    Map<String, Integer> named = new TreeMap<>();
    unserved.entrySet().stream()
        .limit(MOST_NAMED)
        .forEach(one -> named.put(one.getKey(), one.getValue()));
    LOG.warn(
        "Activations of applications without a worker wait (application=count): {}{}. Name their"
            + " workers in worker_map.",
        named,
        unserved.size() > MOST_NAMED ? " and " + (unserved.size() - MOST_NAMED) + " more" : "");
  }

  /**
   * Claims no more, and releases claims that are not on their way yet. To be called until it
   * returns true.
   *
   * @return whether no push is under way any more
   */
  public boolean drain() {
    boolean done = true;
    for (PushLane lane : lanes) {
      done &= lane.drain();
    }
    return done;
  }
}
