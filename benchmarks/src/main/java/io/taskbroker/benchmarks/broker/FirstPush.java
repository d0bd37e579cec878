package io.taskbroker.benchmarks.broker;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.push.ForwardingWitness;
import io.taskbroker.workload.push.LedgerWitness;
import java.util.concurrent.atomic.AtomicLong;

/** Sees for a ledger, and notes when the first task came. */
final class FirstPush extends ForwardingWitness {
  private final AtomicLong firstNanos = new AtomicLong();

  FirstPush(Ledger ledger) {
    super(new LedgerWitness(ledger));
  }

  /**
   * By {@link System#nanoTime}.
   *
   * @throws IllegalStateException if none has come
   */
  long nanos() {
    long nanos = firstNanos.get();
    if (nanos == 0) {
      throw new IllegalStateException("no task was pushed");
    }
    return nanos;
  }

  @Override
  public void accepted(TaskActivation task, long calledNanos) {
    if (firstNanos.get() == 0) {
      firstNanos.compareAndSet(0, calledNanos);
    }
    super.accepted(task, calledNanos);
  }
}
