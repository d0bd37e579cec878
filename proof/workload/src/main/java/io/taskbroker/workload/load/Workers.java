package io.taskbroker.workload.load;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Workers in pull mode over real gRPC: each asks for a task, does it, and reports it in the call
 * that brings the next.
 *
 * <p>They need few threads, so that many of them leave the machine to the broker.
 */
public final class Workers implements AutoCloseable {
  /** Larger than anything that a broker delivers. */
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  private static final Duration STOP = Duration.ofMinutes(1);

  private final ScheduledExecutorService timer;
  private final List<ManagedChannel> channels;
  private final CountDownLatch gone;
  private final CallStats stats = new CallStats();
  private volatile boolean closing;

  private Workers(WorkerSettings settings) {
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("workers-timer").factory());
    this.channels =
        IntStream.range(0, settings.connections()).mapToObj(_ -> connect(settings)).toList();
    this.gone = new CountDownLatch(settings.workers());
  }

  /**
   * @param kinds what they know how to do; any other task they complete at once
   */
  public static Workers start(WorkerSettings settings, Collection<TaskKind> kinds, Ledger ledger) {
    var known = kinds.stream().collect(Collectors.toMap(TaskKind::taskname, Function.identity()));
    var workers = new Workers(settings);
    for (int i = 0; i < settings.workers(); i++) {
      var channel = workers.channels.get(i % settings.connections());
      new Worker(settings, known, ledger, channel, workers).ask();
    }
    return workers;
  }

  private static ManagedChannel connect(WorkerSettings settings) {
    return ManagedChannelBuilder.forTarget(settings.address())
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .build();
  }

  boolean isClosing() {
    return closing;
  }

  CallStats stats() {
    return stats;
  }

  void after(Duration pause, Runnable step) {
    if (pause.isZero()) {
      step.run();
    } else {
      var _ = timer.schedule(step, pause.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  void goneHome() {
    gone.countDown();
  }

  /** How long answered calls took, in microseconds. */
  public Histogram callMicros() {
    return stats.micros();
  }

  /** Calls that failed, those included that only found the broker away. */
  public long failedCalls() {
    return stats.failed();
  }

  /** Lets each finish and report what it has; nothing new is fetched. */
  @Override
  public void close() {
    closing = true;
    try {
      if (!gone.await(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(gone.getCount() + " workers are busy after " + STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      timer.shutdownNow();
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }
}
