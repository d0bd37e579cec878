package io.taskbroker.proving.crash;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import java.util.List;

/** The log becomes so long that it is copied into the database, and cut. */
final class Checkpointing implements Part {
  private static final TaskKind KIND = CrashRig.kind("checkpoint");
  private static final int PAYLOAD_BYTES = 256 * 1024;

  /** The broker copies 40 MB. These are not enough for it. */
  private static final int BEFORE = 120;

  /** With these there is enough. */
  private static final int MORE = 60;

  /** A page of 4 KB is written to the log and to the database, with something beside it. */
  private static final int MOST = 100_000;

  /** Less than the broker leaves uncut. */
  private static final long CUT_BYTES = 1 << 20;

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (CrashRig rig = CrashRig.pulled(stage, List.of(KIND));
        var producer = new ActivationProducer(target(rig), PAYLOAD_BYTES, rig.ledger())) {
      Walk walk = new Walk(stage, rig, "", verdict);
      walk.through(new Checkpoint(producer));
      walk.judge(List.of());
    }
  }

  private static ActivationProducer.Target target(CrashRig rig) {
    return new ActivationProducer.Target(rig.kafka(), rig.topic(), "proving");
  }

  private record Checkpoint(ActivationProducer producer) implements Step {
    @Override
    public String name() {
      return "checkpoint";
    }

    @Override
    public int most() {
      return MOST;
    }

    /** Most of its operations are alike, so later ones are further apart. */
    @Override
    public int after(int number, Stage stage) {
      return number + Math.max(1, number / stage.some(4, 1));
    }

    /** A log begun anew by a new process, and not full. */
    @Override
    public void prepare(CrashRig rig) {
      rig.restart();
      producer.produce(KIND, BEFORE);
      producer.flush();
      rig.awaitCommitted();
    }

    @Override
    public void begin(CrashRig rig) {
      producer.produce(KIND, MORE);
      producer.flush();
    }

    @Override
    public boolean isDone(CrashRig rig) {
      return rig.isCommitted() && rig.logBytes() < CUT_BYTES;
    }
  }
}
