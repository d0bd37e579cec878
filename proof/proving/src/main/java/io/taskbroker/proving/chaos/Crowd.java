package io.taskbroker.proving.chaos;

import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.WorkerSettings.Unheard;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.Mesh;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.PushWorkers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * All workers: some ask, some wait for an answer, some are attached by streams, some are called.
 */
final class Crowd implements AutoCloseable {
  static final int STREAMS = 2;

  private static final int PLACES = 128;
  private static final int CREDIT = 16;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final List<Workers> asking = new ArrayList<>();
  private final AttachedWorkers attached;
  private final PushWorkers called;

  /**
   * @param calledPort where those listen that are called
   */
  Crowd(Group group, int calledPort, Ledger ledger) {
    for (Member member : group.asked()) {
      WorkerSettings settings = WorkerSettings.at(member.address(), 8, 2);
      asking.add(Workers.start(settings, Load.KINDS, ledger));
      asking.add(Workers.start(settings.waiting(WAIT), Load.KINDS, ledger));
      asking.add(Workers.start(settings.whenUnheard(Unheard.FORGET), Load.KINDS, ledger));
    }
    this.attached =
        AttachedWorkers.start(
            AttachedSettings.at(group.asked().getLast().address(), STREAMS, CREDIT),
            Load.KINDS,
            ledger);
    String caller = group.calling().address();
    this.called =
        PushWorkers.start(
            new PushWorkerSettings(calledPort, caller, PLACES),
            Load.KINDS,
            new LedgerWitness(ledger, caller, Group.PUSH));
  }

  List<Fault> faults(Mesh mesh) {
    return WorkerFaults.of(called, mesh, attached, STREAMS);
  }

  /** Lets each finish what it has. */
  @Override
  public void close() {
    asking.forEach(Workers::close);
    attached.close();
    called.close();
  }
}
