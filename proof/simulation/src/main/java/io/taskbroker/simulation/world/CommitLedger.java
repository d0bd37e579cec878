package io.taskbroker.simulation.world;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.broker.PlainTask;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether what is committed is its broker's to commit, and safe from a power cut. */
final class CommitLedger {
  private final World world;
  private final Ledger ledger;
  private final Fates fates;

  CommitLedger(World world, Ledger ledger, Fates fates) {
    this.world = world;
    this.ledger = ledger;
    this.fates = fates;
  }

  /**
   * A broker commits only what it has read in its present share. What it read in an earlier one
   * says nothing about where the group stands now.
   *
   * @param read how far the broker has read it in its present share; null if that has it not
   */
  void judgePlace(String broker, Partition partition, @Nullable Long read, long to) {
    if (read == null || to > read) {
      ledger.violated(
          Kind.STRAY_COMMIT,
          "%s commits %s@%d, and has read %s of it in its present share"
              .formatted(broker, partition, to, read == null ? "nothing" : "up to " + read));
    }
  }

  /** What is committed comes from nowhere again, so it has to be safe. */
  void judge(String broker, Partition partition, long from, long to) {
    if (to < from) {
      ledger.violated(
          Kind.STRAY_COMMIT,
          "%s sets the group back from %s@%d to %d".formatted(broker, partition, from, to));
    }
    if (to <= from) {
      return;
    }
    Machine machine = world.machineOf(broker);
    Set<String> safe =
        machine.durableRows().stream()
            .map(row -> row.activation().id())
            .collect(Collectors.toCollection(HashSet::new));
    for (SourceRecord record : world.kafka().read(partition, from, (int) (to - from))) {
      judgeCommitted(broker, record, safe);
    }
  }

  private void judgeCommitted(String broker, SourceRecord record, Set<String> safe) {
    PlainTask task = record.value() == null ? null : PlainTask.decode(record.value()).orElse(null);
    String root = world.names().rootOf(record.value());
    String place = record.partition() + "@" + record.offset();
    if (task == null) {
      String id =
          "bad-record/"
              + record.partition().topic()
              + "/"
              + record.partition().number()
              + "/"
              + record.offset();
      if (!safe.contains(id) && !fates.isBuriedBad(root)) {
        ledger.violated(
            Kind.UNSAFE_COMMIT,
            broker + " commits past " + place + ", a bad record that is neither stored nor buried");
      }
      return;
    }
    Fate fate = fates.of(root);
    boolean comesTwice = fate != null && fate.records.getOrDefault(task.attempts(), 0) > 1;
    if (fate == null || comesTwice || safe.contains(task.id())) {
      return;
    }
    boolean dropped = fates.isDropped(fate) || fate.deadLetters > 0;
    if (!dropped) {
      ledger.violated(
          Kind.UNSAFE_COMMIT,
          broker + " commits past " + place + " (" + root + "), which a power cut would take away");
    }
  }
}
