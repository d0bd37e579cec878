package io.taskbroker.proving.push;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.push.ForwardingWitness;
import io.taskbroker.workload.push.Witness;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast workers get tasks. The last hundredth does not count: what was under way to a worker
 * that hangs comes when its lease ends.
 */
final class Pace extends ForwardingWitness {
  private final List<Long> acceptedNanos = new ArrayList<>();

  Pace(Witness ledger) {
    super(ledger);
  }

  synchronized void restart() {
    acceptedNanos.clear();
  }

  synchronized long perSecond() {
    List<Long> sorted = acceptedNanos.stream().sorted().toList();
    int counting = sorted.size() * 99 / 100;
    return Math.round(counting / ((sorted.get(counting - 1) - sorted.getFirst()) / 1e9));
  }

  @Override
  public void accepted(TaskActivation task, long calledNanos) {
    synchronized (this) {
      acceptedNanos.add(calledNanos);
    }
    super.accepted(task, calledNanos);
  }
}
