package io.taskbroker.benchmarks.broker;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.Witness;
import java.util.concurrent.atomic.AtomicLong;

/** Sees for a ledger, and notes when the first task came. */
final class FirstPush implements Witness {
  private final LedgerWitness ledger;
  private final AtomicLong firstNanos = new AtomicLong();

  FirstPush(Ledger ledger) {
    this.ledger = new LedgerWitness(ledger);
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
  public void called() {
    ledger.called();
  }

  @Override
  public void accepted(TaskActivation task, long calledNanos) {
    if (firstNanos.get() == 0) {
      firstNanos.compareAndSet(0, calledNanos);
    }
    ledger.accepted(task, calledNanos);
  }

  @Override
  public void worked(String id) {
    ledger.worked(id);
  }

  @Override
  public void acknowledged(String id) {
    ledger.acknowledged(id);
  }
}
