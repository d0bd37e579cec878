package io.taskbroker.proving.crash;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.ledger.TaskKind;

/** Work of the broker. It is killed once before each of its file operations. */
interface Step {
  /** For the figures. */
  String name();

  /** Makes the work possible, while nobody is killed. */
  void prepare(CrashRig rig);

  /** Has the broker begin. */
  void begin(CrashRig rig);

  /** Whether the broker has done it, or has ended with that. */
  boolean isDone(CrashRig rig);

  /** More file operations than it has. */
  default int most() {
    return 60;
  }

  /** Before which operation the broker is killed next. */
  default int after(int number, Stage stage) {
    return number + stage.some(1, 4);
  }

  /** Takes one task in. */
  record Intake(TaskKind kind) implements Step {
    @Override
    public String name() {
      return "intake";
    }

    @Override
    public void prepare(CrashRig rig) {}

    @Override
    public void begin(CrashRig rig) {
      rig.produce(kind);
    }

    @Override
    public boolean isDone(CrashRig rig) {
      return rig.isCommitted();
    }
  }

  /** Hands a task that is stored to a worker, and does what its outcome demands. */
  record Task(TaskKind kind) implements Step {
    @Override
    public String name() {
      return kind.taskname().substring(kind.taskname().indexOf('.') + 1);
    }

    @Override
    public void prepare(CrashRig rig) {
      rig.produce(kind);
      rig.awaitCommitted();
    }

    @Override
    public void begin(CrashRig rig) {
      rig.work();
    }

    @Override
    public boolean isDone(CrashRig rig) {
      return rig.isEmpty() && rig.isCommitted();
    }
  }

  /** Stops with something in its store. */
  record Shutdown(TaskKind kind) implements Step {
    @Override
    public String name() {
      return "shutdown";
    }

    @Override
    public void prepare(CrashRig rig) {
      rig.produce(kind);
      rig.awaitCommitted();
      rig.produce(kind);
    }

    @Override
    public void begin(CrashRig rig) {
      rig.askToStop();
    }

    @Override
    public boolean isDone(CrashRig rig) {
      return rig.hasStopped();
    }
  }
}
