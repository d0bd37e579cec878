package io.taskbroker.adapters.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.taskbroker.application.Defects;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees every call begin and end, whichever way it ends.
 *
 * <p>Safe for all threads.
 */
final class CallWatch extends ServerStreamTracer.Factory {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");
  private static final List<String> WORKERS_CALL =
      List.of(ConsumerServiceGrpc.SERVICE_NAME + "/", WorkerExchangeGrpc.SERVICE_NAME + "/");

  /**
   * Calls that hand something in. Who asks for tasks while nothing is handed out is not awaited.
   */
  private static final Set<String> REPORTS =
      Set.of(
          ConsumerServiceGrpc.getSetTaskStatusMethod().getFullMethodName(),
          ConsumerServiceGrpc.getSetBatchActivationStatusMethod().getFullMethodName(),
          WorkerExchangeGrpc.getHandBackMethod().getFullMethodName(),
          WorkerExchangeGrpc.getExtendMethod().getFullMethodName());

  private final TimeSource time;
  private final CallMetrics metrics;
  private final Defects faults;
  private final Sparsely refusals;
  private final AtomicInteger running = new AtomicInteger();
  private final Semaphore signals = new Semaphore(0);
  private volatile boolean awaited;

  CallWatch(TimeSource time, CallMetrics metrics) {
    this.time = time;
    this.metrics = metrics;
    this.faults = Defects.ofCounting("calls", time);
    this.refusals = new Sparsely(time, Duration.ofSeconds(10));
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    long began = time.nanos();
    if (WORKERS_CALL.stream().noneMatch(fullMethodName::startsWith)) {
      return new ServerStreamTracer() {
        @Override
        public void streamClosed(Status status) {
          count(fullMethodName, began);
        }
      };
    }
    if (fullMethodName.equals(WorkerExchangeGrpc.getExchangeMethod().getFullMethodName())) {
      return new ServerStreamTracer() {
        /** A stream is open as long as its worker lives; each of its frames counts as a report. */
        @Override
        public void inboundMessage(int number) {
          signal();
        }

        @Override
        public void streamClosed(Status status) {
          count(fullMethodName, began);
        }
      };
    }
    boolean isReport = REPORTS.contains(fullMethodName);
    if (isReport) {
      running.incrementAndGet();
      signal();
    }
    return new ServerStreamTracer() {
      @Override
      public void streamClosed(Status status) {
        count(fullMethodName, began);
        if (isReport) {
          running.decrementAndGet();
          signal();
        }
        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
          report(fullMethodName, status);
        }
      }
    };
  }

  private void count(String method, long began) {
    try {
      metrics.ended(method, time.nanos() - began);
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
  }

  /** Waits until no report has come for {@code quiet}, but no longer than {@code atMost}. */
  void awaitQuiet(Duration quiet, Duration atMost) throws InterruptedException {
    awaited = true;
    Moment end = time.now().plus(atMost);
    for (long leftMs = atMost.toMillis(); leftMs > 0; leftMs = leftUntil(end)) {
      signals.drainPermits();
      long patienceMs = Math.min(leftMs, quiet.toMillis());
      if (!signals.tryAcquire(patienceMs, TimeUnit.MILLISECONDS) && running.get() == 0) {
        return;
      }
    }
  }

  private long leftUntil(Moment end) {
    return end.monotonicMs() - time.now().monotonicMs();
  }

  /** Of requests that are too large nobody else here ever hears. */
  private void report(String method, Status status) {
    long calls = refusals.count(1);
    if (calls > 0) {
      LOG.warn(
          "Refused a call of {}: {} ({} calls since the last such line)",
          method,
          status.getDescription(),
          calls);
    }
  }

  private void signal() {
    if (awaited) {
      signals.release();
    }
  }
}
