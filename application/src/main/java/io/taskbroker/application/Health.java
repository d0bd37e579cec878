package io.taskbroker.application;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Whether the broker wants work: a watchdog over the heartbeats of all loops. Load never makes it
 * unhealthy, a loop that does not come back does. Safe for all threads; asking is cheap.
 */
public final class Health {
  /** What the watchdog found. */
  public enum Verdict {
    HEALTHY,
    UNHEALTHY,
    /** Nobody looks: the operator has switched the watchdog off. */
    NOT_JUDGED
  }

  private final HealthSettings settings;
  private final List<Heartbeat> heartbeats = new CopyOnWriteArrayList<>();
  private final List<Heartbeat> dispensable = new CopyOnWriteArrayList<>();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final List<Supplier<Optional<String>>> needs = new CopyOnWriteArrayList<>();
  private volatile boolean draining;
  private volatile Supplier<Optional<Notice>> notice = Optional::empty;

  /**
   * The answer to a question about readiness when nothing is wrong, and something is to be known.
   *
   * @param isReady whether new callers are of use here all the same
   */
  public record Notice(String words, boolean isReady) {}

  public Health(HealthSettings settings) {
    this.settings = settings;
  }

  /** Watches one more loop. */
  public Heartbeat watch(Heartbeat heartbeat) {
    heartbeats.add(heartbeat);
    return heartbeat;
  }

  /**
   * Watches a thread that tasks can do without: one that does not come back gets a line, but does
   * not make the broker unhealthy, since a restart would cost more than it mends.
   */
  public Heartbeat remark(Heartbeat heartbeat) {
    dispensable.add(heartbeat);
    return heartbeat;
  }

  /** From here on the broker wants no more work. */
  public void drain() {
    draining = true;
  }

  /** Something without which the broker cannot do its job is missing, until {@link #mended}. */
  public void trouble(String what) {
    if (!troubles.contains(what)) {
      troubles.add(what);
    }
  }

  public void mended(String what) {
    troubles.remove(what);
  }

  /**
   * Something that is needed before the broker is of use to anybody new. It makes the broker not
   * ready, but not unhealthy: workers may still take what is stored.
   *
   * @param missing why it is not of use; asked with each probe, by any thread
   */
  public void needs(Supplier<Optional<String>> missing) {
    needs.add(missing);
  }

  /**
   * What an operator has ordered that matters to those who are sent here; it counts with the
   * watchdog switched off, too.
   *
   * @param notice asked with each probe, by any thread
   */
  public void notices(Supplier<Optional<Notice>> notice) {
    this.notice = notice;
  }

  /** Why nobody should be sent here; empty if somebody may be. */
  public Optional<String> whyNotReady() {
    return whyNot()
        .or(() -> notice.get().filter(one -> !one.isReady()).map(Notice::words))
        .or(this::missing);
  }

  private Optional<String> missing() {
    return settings.alwaysHealthy()
        ? Optional.empty()
        : needs.stream().map(Supplier::get).flatMap(Optional::stream).findFirst();
  }

  /** What is to be known of a broker that is ready; empty if all is as usual. */
  public Optional<String> readyWords() {
    return notice.get().filter(Notice::isReady).map(Notice::words);
  }

  public boolean isServing() {
    return whyNot().isEmpty();
  }

  /** Why the broker does not want work; empty if it does. */
  public Optional<String> whyNot() {
    if (draining) {
      return Optional.of("the broker is stopping");
    }
    if (!settings.alwaysHealthy() && !troubles.isEmpty()) {
      return troubles.stream().findFirst();
    }
    return stuck();
  }

  /**
   * Which loop does not come back, for how long; empty if all turn, however much there is to do,
   * and if the operator has switched the watchdog off.
   */
  public Optional<String> stuck() {
    if (settings.alwaysHealthy()) {
      return Optional.empty();
    }
    return heartbeats.stream()
        .filter(heartbeat -> heartbeat.overdue().compareTo(settings.unhealthyAfter()) > 0)
        .findFirst()
        .map(late -> "loop " + late.name() + " has not come back for " + seconds(late.overdue()));
  }

  /** Those that have been overdue for longer than this, whatever the operator makes of it. */
  public List<Heartbeat> overdue(Duration longerThan) {
    return Stream.concat(heartbeats.stream(), dispensable.stream())
        .filter(heartbeat -> heartbeat.overdue().compareTo(longerThan) > 0)
        .toList();
  }

  public Verdict verdict() {
    if (settings.alwaysHealthy()) {
      return Verdict.NOT_JUDGED;
    }
    return isServing() ? Verdict.HEALTHY : Verdict.UNHEALTHY;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
