package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.process.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Recorder;

/**
 * People before a broker's dashboard: ten overviews are open, each with its stream of events, and
 * ten times a second somebody lists tasks. Until closed.
 */
final class Onlookers implements AutoCloseable {
  private static final int DASHBOARDS = 10;

  /** How often an overview asks for what no event tells. */
  private static final Duration POLL = Duration.ofSeconds(3);

  private static final long LIST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration OPENING = Duration.ofSeconds(30);

  /** As the page of tasks asks, with its filters. */
  private static final List<String> LISTS =
      List.of(
          "/api/v1/tasks?limit=50",
          "/api/v1/tasks?limit=50&state=pending",
          "/api/v1/tasks?limit=50&application=shop",
          "/api/v1/tasks?limit=50&state=processing");

  private final AdminClient broker;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final Recorder listMicros = new Recorder(3);
  private final List<Future<?>> all = new ArrayList<>();
  private volatile boolean closing;

  private Onlookers(AdminClient broker) {
    this.broker = broker;
  }

  /** Returns once each dashboard has had an event. */
  static Onlookers at(String admin) {
    var onlookers = new Onlookers(new AdminClient(admin, null));
    onlookers.open();
    Waiting.until("all dashboards are open", OPENING, () -> onlookers.events.get() >= DASHBOARDS);
    return onlookers;
  }

  private void open() {
    for (int i = 0; i < DASHBOARDS; i++) {
      all.add(threads.submit(this::readEvents));
      all.add(threads.submit(this::poll));
    }
    all.add(threads.submit(this::list));
  }

  private void readEvents() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(broker.stream("/api/v1/events"), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data:")) {
          events.incrementAndGet();
        }
      }
    } catch (IOException e) {
      if (!closing) {
        throw new UncheckedIOException("a stream of events has ended", e);
      }
    }
  }

  private void poll() {
    while (!closing) {
      count(broker.ask("/api/v1/why"));
      count(broker.ask("/api/v1/applications"));
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private void list() {
    long start = System.nanoTime();
    for (int i = 0; !closing; i++) {
      long due = start + i * LIST_EVERY_NANOS;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      long began = System.nanoTime();
      count(broker.ask(LISTS.get(i % LISTS.size())));
      listMicros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began));
    }
  }

  private void count(int status) {
    if (status != AdminClient.OK) {
      refusals.incrementAndGet();
    }
  }

  /**
   * What they have seen, for a remark.
   *
   * @throws IllegalStateException if somebody was refused or has gone: then there were fewer
   */
  String seen(Duration took) {
    if (refusals.get() > 0 || all.stream().anyMatch(Future::isDone)) {
      throw new IllegalStateException(
          refusals + " calls of onlookers were refused, or one has gone");
    }
    var micros = listMicros.getIntervalHistogram();
    double seconds = took.toNanos() / 1e9;
    return "%s events and %s lists a second, p99 of a list %s ms"
        .formatted(
            Figures.rounded(events.get() / seconds),
            Figures.rounded(micros.getTotalCount() / seconds),
            Figures.rounded(micros.getValueAtPercentile(99) / 1e3));
  }

  @Override
  public void close() {
    closing = true;
    broker.close();
    threads.shutdownNow();
  }
}
