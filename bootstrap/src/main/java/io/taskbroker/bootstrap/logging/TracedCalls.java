package io.taskbroker.bootstrap.logging;

import io.sentry.ITransaction;
import io.sentry.Sentry;
import io.sentry.SentryLongDate;
import io.sentry.TracesSamplingDecision;
import io.sentry.TransactionContext;
import io.sentry.TransactionOptions;
import io.sentry.protocol.TransactionNameSource;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.domain.TimeSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Tells Sentry of some of the workers' calls, each as a transaction of its own. Sentry queues them
 * and drops what it cannot send. Safe for all threads.
 */
public final class TracedCalls implements CallMetrics {
  private final CallMetrics next;
  private final double share;
  private final TimeSource time;

  /**
   * @param next is told of every call
   * @param share of the calls, from 0 to 1, that Sentry is told of
   */
  public TracedCalls(CallMetrics next, double share, TimeSource time) {
    this.next = next;
    this.share = share;
    this.time = time;
  }

  @Override
  public void ended(String method, long nanos) {
    next.ended(method, nanos);
    if (ThreadLocalRandom.current().nextDouble() < share) {
      trace(method, nanos);
    }
  }

  private void trace(String method, long nanos) {
    long end = TimeUnit.MILLISECONDS.toNanos(time.now().wallMs());
    var options = new TransactionOptions();
    options.setStartTimestamp(new SentryLongDate(end - nanos));
    ITransaction call =
        Sentry.startTransaction(
            new TransactionContext(
                "/" + method,
                TransactionNameSource.ROUTE,
                "rpc.server",
                new TracesSamplingDecision(true, share)),
            options);
    call.finish(null, new SentryLongDate(end));
  }
}
