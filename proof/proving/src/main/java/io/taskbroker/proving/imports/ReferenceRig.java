package io.taskbroker.proving.imports;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.program.Said;
import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.reference.ReferenceReading;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TaskMessages;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A stopped reference broker: a file with rows in every state, a group that has committed them. And
 * its successor, which ends all of them but some, and is left again.
 */
final class ReferenceRig {
  private static final int PER_STATE = 20;
  private static final int PAYLOAD_BYTES = 100;
  private static final int WORKERS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final long HOUR_SEC = 3_600;

  /** Of leases and delays, when the successor starts or soon after. */
  private static final long SOON_SEC = 3;

  private static final String OURS = "proving";
  private static final String NOBODYS = "nobody";

  private final Rig rig;
  private final int migration;
  private final TaskMessages tasks = new TaskMessages(OURS, PAYLOAD_BYTES);
  private final List<String> kept = new ArrayList<>();
  private long started;
  private long deadLettered;

  ReferenceRig(Rig rig, int migration) {
    this.rig = rig;
    this.migration = migration;
  }

  /** Makes the file, and a topic whose records are all committed. */
  void leaveAFile() {
    long now = Instant.now().getEpochSecond();
    long rows;
    try (ReferenceFile file = ReferenceFile.create(rig.settings().store(), migration)) {
      for (int i = 0; i < PER_STATE; i++) {
        runs(file, TaskKind.quick("reference.pending"), "Pending", Map.of());
        runs(file, TaskKind.quick("reference.once").onceAtMost(), "Pending", Map.of());
        runs(
            file,
            TaskKind.quick("reference.processing"),
            "Processing",
            Map.of("processing_deadline", now + SOON_SEC));
        runs(file, TaskKind.quick("reference.retry").retrying(1), "Retry", Map.of());
        fails(file, TaskKind.quick("reference.failure"), "Failure", Map.of());
        isOver(file);
        stays(file, "Pending", Map.of());
        if (migration >= 2) {
          runs(
              file,
              TaskKind.quick("reference.delay"),
              "Delay",
              Map.of("delay_until", now + SOON_SEC));
          stays(file, "Delay", Map.of("delay_until", now + HOUR_SEC));
        }
        if (migration >= ReferenceFile.NEWEST) {
          Map<String, Long> lease = Map.of("claim_expires_at", now + SOON_SEC);
          runs(file, TaskKind.quick("reference.claimed"), "Claimed", lease);
          fails(file, TaskKind.quick("reference.once-claimed").onceAtMost(), "Claimed", lease);
        }
      }
      rows = file.rows();
    }
    commit(rows);
  }

  /** A worker gets it and ends it. */
  private void runs(ReferenceFile file, TaskKind kind, String status, Map<String, Long> more) {
    file.add(story(kind), status, more);
    started++;
  }

  /** No worker gets it. */
  private void fails(ReferenceFile file, TaskKind kind, String status, Map<String, Long> more) {
    file.add(story(kind.ending(Ending.DEAD_LETTER)), status, more);
    deadLettered++;
  }

  private TaskActivation story(TaskKind kind) {
    Label label = rig.ledger().open(kind);
    rig.ledger().produced(label);
    return tasks.of(kind, label);
  }

  /** The ledger counts it only if a worker gets it all the same. */
  private void isOver(ReferenceFile file) {
    TaskKind kind = TaskKind.quick("reference.complete");
    file.add(tasks.of(kind, rig.ledger().open(kind)), "Complete", Map.of());
  }

  /** Its application has no workers. */
  private void stays(ReferenceFile file, String status, Map<String, Long> more) {
    TaskKind kind = TaskKind.quick("reference.kept");
    TaskActivation task =
        new TaskMessages(NOBODYS, PAYLOAD_BYTES).of(kind, rig.ledger().open(kind));
    file.add(task, status, more);
    kept.add(ReferenceReading.row(status, task.toByteArray()));
  }

  /** Records that nobody must read again: they are of another ledger. */
  private void commit(long rows) {
    var settings = rig.settings();
    var target = new ActivationProducer.Target(settings.kafka(), settings.topic(), OURS);
    try (var producer = new ActivationProducer(target, 1, new Ledger())) {
      producer.produce(TaskKind.quick("reference.committed"), (int) rows);
      producer.flush();
    }
    rig.topics().commitAll(settings.group(), settings.topic());
  }

  /** Lets workers end what they can, stops the successor, exports, and compares. */
  void playSuccessor(BrokerProcess broker, String prefix, Verdict verdict) {
    TaskKind retry = TaskKind.quick("reference.retry").retrying(1);
    int exit;
    try (StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(WORKERS, 2).of(OURS), retry)) {
      rig.awaitEnds(PATIENCE);
      Waiting.until("only the kept rows are left", PATIENCE, () -> view.count() == kept.size());
    }
    exit = broker.stop(ProcessSignal.TERM).code();
    Path store = rig.settings().store();
    Path out = store.resolveSibling("exported.sqlite");
    int exported = tool(List.of(), "export", store.toString(), "-o", out.toString()).exit();
    Account account = rig.ledger().account();
    verdict
        .expect(prefix + ".completed", started, account.completed())
        .expect(prefix + ".handed_out", started, account.handedOut())
        .expect(prefix + ".dead_lettered", deadLettered, account.deadLettered())
        .expect(prefix + ".dead_letter_records", deadLettered, account.deadLetterRecords())
        .expect(prefix + ".lost", 0, account.open())
        .expect(prefix + ".strangers", 0, rig.ledger().strangers())
        .expect(
            prefix + ".told", 1, broker.firstLineWith("The original is kept as").isEmpty() ? 0 : 1)
        .expect(prefix + ".exit", 0, exit)
        .expect(prefix + ".export_exit", 0, exported)
        .expectNone(prefix + ".wrong", rig.ledger().complaints())
        .expectNone(prefix + ".error_lines", rig.settings().errorLines());
    if (Files.exists(out)) {
      kept.sort(Comparator.naturalOrder());
      verdict
          .expect(prefix + ".exported", kept.size(), ReferenceReading.count(out))
          .expect(prefix + ".exported_as_kept", 1, kept.equals(ReferenceReading.rows(out)) ? 1 : 0)
          .expectNone(prefix + ".layout", ReferenceReading.complaints(out));
    }
  }

  BrokerSetup settings() {
    return rig.settings();
  }

  /**
   * @param wrapper a program that becomes the command which follows its own words; empty for none
   */
  Said tool(List<String> wrapper, String... words) {
    return Said.by(wrapper, rig.settings().folder().resolve(words[0] + ".log"), words);
  }
}
