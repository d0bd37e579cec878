package io.taskbroker.workload.push;

import io.taskbroker.proto.v1.TaskActivation;

/** Passes on all that it sees, for those that look at some of it. */
public abstract class ForwardingWitness implements Witness {
  private final Witness next;

  protected ForwardingWitness(Witness next) {
    this.next = next;
  }

  @Override
  public void called() {
    next.called();
  }

  @Override
  public void accepted(TaskActivation task, long calledNanos) {
    next.accepted(task, calledNanos);
  }

  @Override
  public void worked(String id) {
    next.worked(id);
  }

  @Override
  public void acknowledged(String id) {
    next.acknowledged(id);
  }
}
