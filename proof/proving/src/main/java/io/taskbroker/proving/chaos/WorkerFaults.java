package io.taskbroker.proving.chaos;

import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.Mesh;
import io.taskbroker.workload.push.Mesh.Weather;
import io.taskbroker.workload.push.PushWorkers;
import java.util.List;

/** What workers do that are called or attached, and what happens on the way to them. */
final class WorkerFaults {
  private final PushWorkers called;
  private final Mesh mesh;
  private final AttachedWorkers attached;
  private final int streams;

  private WorkerFaults(PushWorkers called, Mesh mesh, AttachedWorkers attached, int streams) {
    this.called = called;
    this.mesh = mesh;
    this.attached = attached;
    this.streams = streams;
  }

  /**
   * @param mesh before the workers that are called
   * @param streams how many are attached
   */
  static List<Fault> of(PushWorkers called, Mesh mesh, AttachedWorkers attached, int streams) {
    var faults = new WorkerFaults(called, mesh, attached, streams);
    return List.of(
        new Fault("busy", dice -> faults.behave(Conduct.BUSY, dice)),
        new Fault("refuse", dice -> faults.behave(Conduct.REFUSE, dice)),
        new Fault("hang", dice -> faults.behave(Conduct.HANG, dice)),
        new Fault("silent", dice -> faults.behave(Conduct.KEEP, dice)),
        new Fault("storm before them", dice -> faults.weather(Weather.STORMY, dice)),
        new Fault("way to them hangs", dice -> faults.weather(Weather.HANGING, dice)),
        new Fault("streams broken off", faults::breakOff));
  }

  private void behave(Conduct conduct, Dice dice) {
    called.behave(conduct);
    dice.pause(500, 6_000);
    called.behave(Conduct.WORK);
  }

  private void weather(Weather weather, Dice dice) {
    mesh.weather(weather);
    dice.pause(500, 6_000);
    mesh.weather(Weather.FAIR);
  }

  private void breakOff(Dice dice) {
    int times = 1 + dice.below(5);
    for (int i = 0; i < times; i++) {
      attached.breakOff(dice.below(streams));
      dice.pause(10, 500);
    }
  }
}
