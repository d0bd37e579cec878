package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final Recorder listMicros = new Recorder(3);
  private final List<Future<?>> all = new ArrayList<>();
  private final Queue<Onlooker> open = new ConcurrentLinkedQueue<>();
  private volatile boolean closing;

  private Onlookers(int port) {
    this.port = port;
  }

  /**
   * Returns once each dashboard has had an event.
   *
   * @param admin such as {@code http://127.0.0.1:8081}
   */
  static Onlookers at(String admin) {
    var onlookers = new Onlookers(URI.create(admin).getPort());
    onlookers.open();
    Waiting.until("all dashboards are open", OPENING, () -> onlookers.events.get() >= DASHBOARDS);
    return onlookers;
  }

  private void open() {
    for (int i = 0; i < DASHBOARDS; i++) {
      all.add(threads.submit(() -> look(this::readEvents)));
      all.add(threads.submit(() -> look(this::poll)));
    }
    all.add(threads.submit(() -> look(this::list)));
  }

  /** What somebody does before one connection. */
  private interface Looking {
    void at(Onlooker broker) throws IOException;
  }

  private void look(Looking what) {
    try (var onlooker = new Onlooker(port)) {
      open.add(onlooker);
      what.at(onlooker);
    } catch (IOException e) {
      if (!closing) {
        throw new UncheckedIOException("an onlooker was hung up on", e);
      }
    }
  }

  private void readEvents(Onlooker broker) throws IOException {
    count(broker.begin("/api/v1/events"));
    while (!closing) {
      if (broker.line().startsWith("data:")) {
        events.incrementAndGet();
      }
    }
  }

  private void poll(Onlooker broker) throws IOException {
    while (!closing) {
      count(broker.ask("/api/v1/why"));
      count(broker.ask("/api/v1/applications"));
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private void list(Onlooker broker) throws IOException {
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
    open.forEach(Onlookers::hangUp);
    threads.shutdownNow();
  }

  private static void hangUp(Onlooker onlooker) {
    try {
      onlooker.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a connection could not be closed", e);
    }
  }
}
