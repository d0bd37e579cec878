package io.taskbroker.simulation.world;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.Publisher.Fate.Acknowledged;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows every task's fate from outside the brokers, and finds what must not be. The first violation
 * is kept: what is thrown inside the core might be caught there.
 */
final class Ledger {
  private final World world;
  private final Map<String, Fate> fates = new TreeMap<>();
  private final Map<String, Integer> badRecords = new TreeMap<>();

  /** What each process has had acknowledged. */
  private final Map<Life, Set<String>> acknowledged = new HashMap<>();

  /** Reports that a process has taken, with the power cuts before that. */
  private final Map<String, Taken> taken = new HashMap<>();

  private final RowStates rowStates = new RowStates(this);
  private final Set<String> faultyRoots = new HashSet<>();
  private boolean disturbed;
  private boolean expectsFailure;
  private @Nullable Violation violation;

  private record Taken(Life by, int powerCuts, Conclusion conclusion) {}

  Ledger(World world) {
    this.world = world;
  }

  Optional<Violation> violation() {
    return Optional.ofNullable(violation);
  }

  void violated(Kind kind, String what) {
    if (violation == null) {
      violation = new Violation(kind, what);
      world.history().say("VIOLATION", "%s", violation);
    }
  }

  // ---------------------------------------------------------------- what disturbs

  /** A process was killed, or the like: what it knew and did not write is forgotten. */
  void disturbed() {
    disturbed = true;
  }

  /** A broker has lost partitions without having committed. */
  void unordered(String broker) {
    disturbed = true;
  }

  void expectFailure() {
    expectsFailure = true;
  }

  /** The task's row cannot be read, written or encoded for a while. */
  void faulty(String root) {
    faultyRoots.add(root);
  }

  boolean hasFaultyRows() {
    return !faultyRoots.isEmpty();
  }

  // ---------------------------------------------------------------- topics

  void produced(TaskSpec spec) {
    fates.putIfAbsent(spec.root(), new Fate(spec, world.scheduler().nanos()));
  }

  void producedBad(String name) {
    badRecords.putIfAbsent(name, 0);
  }

  void appended(SourceRecord record) {
    byte[] value = record.value();
    String root = world.names().rootOf(source(record).value());
    Fate fate = fates.get(root);
    switch (record.partition().topic()) {
      case SimulatedKafka.TASKS -> {
        if (fate != null && value != null) {
          int attempt = PlainTask.decode(value).orElseThrow().attempts();
          fate.records.merge(attempt, 1, Integer::sum);
          world
              .history()
              .say(
                  "kafka",
                  "%s@%d is %s%s",
                  record.partition(),
                  record.offset(),
                  root,
                  attempt == 0 ? "" : ", retry " + attempt);
        }
      }
      case SimulatedKafka.DEAD_LETTERS -> {
        world.history().say("kafka", "dead letter of %s", root);
        badRecords.computeIfPresent(root, (_, letters) -> letters + 1);
        if (fate != null) {
          fate.deadLetters++;
          judgeDeadLetter(fate);
          if (value != null && value.length == 0) { // no topic here refuses a record for its size
            violated(Kind.LOST, "the dead letter of " + root + " has no content");
          }
        }
      }
      default -> {
        world.history().say("kafka", "demoted: %s", root);
        if (fate != null) {
          fate.demotions++;
        }
      }
    }
  }

  /** The record that a letter without content tells of, by its headers; else the record itself. */
  private SourceRecord source(SourceRecord record) {
    byte[] value = record.value();
    if (value == null || value.length > 0) {
      return record;
    }
    Map<String, String> headers = new TreeMap<>();
    for (SourceRecord.Header header : record.headers()) {
      byte[] bytes = header.value();
      headers.put(header.name(), bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8));
    }
    String number = headers.get(DeadLetterHeaders.SOURCE_PARTITION);
    String offset = headers.get(DeadLetterHeaders.SOURCE_OFFSET);
    return number == null || offset == null
        ? record
        : world
            .kafka()
            .read(
                new Partition(SimulatedKafka.TASKS, Integer.parseInt(number)),
                Long.parseLong(offset),
                1)
            .getFirst();
  }

  private void judgeDeadLetter(Fate fate) {
    boolean explained =
        fate.failureReported || fate.wasHanded() || fate.uncertain || isFaulty(fate) || disturbed;
    if (!explained) {
      violated(
          Kind.BURIED_ALIVE,
          fate.spec.root() + " is dead-lettered, and nobody has had it or was to have it");
    }
  }

  private boolean isFaulty(Fate fate) {
    return faultyRoots.contains(fate.spec.root());
  }

  void delivered(String broker, List<SourceRecord> records) {
    for (SourceRecord record : records) {
      world
          .history()
          .say(
              broker,
              "reads %s@%d (%s)",
              record.partition(),
              record.offset(),
              world.names().rootOf(record.value()));
    }
  }

  void published(
      Life life, String broker, String topic, OutgoingRecord record, Publisher.Fate fate) {
    PlainTask task = PlainTask.decode(record.value()).orElse(null);
    String name = task == null ? world.names().rootOf(record.value()) : world.names().attempt(task);
    world
        .history()
        .say(broker, "publishes %s to %s: %s", name, topic, fate.getClass().getSimpleName());
    Set<String> before = acknowledged.computeIfAbsent(life, _ -> new HashSet<>());
    String key = topic + " " + (task == null ? name : task.id());
    if (before.contains(key) && task != null && isSingle(task, topic)) {
      violated(
          Kind.PUBLISHED_TWICE,
          broker + " publishes " + name + " to " + topic + " again, which Kafka had acknowledged");
    }
    if (fate instanceof Acknowledged) {
      before.add(key);
    }
    Fate known = fates.get(world.names().rootOf(record.value()));
    if (known != null && !(fate instanceof Acknowledged)) {
      known.uncertain = true;
    }
  }

  /** Whether the row that leaves can only have come from one record. */
  private boolean isSingle(PlainTask task, String topic) {
    Fate fate = fates.get(world.names().rootOf(task));
    int source = topic.equals(SimulatedKafka.TASKS) ? task.attempts() - 1 : task.attempts();
    return fate != null && !isFaulty(fate) && fate.records.getOrDefault(source, 0) <= 1;
  }

  // ---------------------------------------------------------------- workers

  /** A worker has it, or its end of the connection has. */
  void handed(Machine machine, Life by, Delivered delivered) {
    PlainTask task = PlainTask.decode(delivered.payload()).orElseThrow();
    String attempt = world.names().attempt(task);
    world.history().say(machine.name(), "hands out %s", attempt);
    Fate fate = fates.get(world.names().rootOf(task));
    if (fate == null) {
      violated(Kind.DEFECT, "a task that nobody has produced is handed out: " + task.id());
      return;
    }
    int hands = fate.hands.merge(task.attempts(), 1, Integer::sum);
    if (fate.spec.atMostOnce() && hands > 1) {
      violated(
          Kind.RUN_TWICE, "at-most-once task " + attempt + " is in a worker's hands a second time");
    }
    Taken before = taken.get(machine.name() + " " + task.id());
    if (before != null
        && before.by() != by
        && before.powerCuts() == machine.powerCuts()
        && fate.records.getOrDefault(task.attempts(), 0) == 1) {
      violated(
          Kind.REVIVED,
          attempt
              + " is handed out by "
              + machine.name()
              + ", whose process before had taken "
              + before.conclusion()
              + " of it");
    }
  }

  /** Nobody knows whether a worker has it. */
  void uncertain(Delivered delivered) {
    Fate fate = fates.get(world.names().rootOf(delivered.payload()));
    if (fate != null) {
      fate.uncertain = true;
    }
  }

  /** A worker says so; whether it will be heard is open. */
  void reporting(PlainTask task, Conclusion conclusion) {
    Fate fate = fates.get(world.names().rootOf(task));
    if (fate != null) {
      switch (conclusion) {
        case FAILURE -> fate.failureReported = true;
        case COMPLETE -> fate.openReports++;
        case RETRY -> {}
      }
    }
  }

  void reported(
      Machine machine, Life by, PlainTask task, Conclusion conclusion, Concluded concluded) {
    Fate fate = fates.get(world.names().rootOf(task));
    if (fate == null) {
      return;
    }
    if (conclusion == Conclusion.COMPLETE) {
      fate.openReports--;
      fate.completed |= concluded.known();
    }
    if (!concluded.known()) {
      return;
    }
    taken.putIfAbsent(
        machine.name() + " " + task.id(), new Taken(by, machine.powerCuts(), conclusion));
  }

  /** The broker has answered a report with this; unless it is closing, nothing has changed then. */
  void refused(PlainTask task, Conclusion conclusion, Throwable failure) {
    Fate fate = fates.get(world.names().rootOf(task));
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (fate != null
        && conclusion == Conclusion.COMPLETE
        && !(cause instanceof StoreException.Closed)) {
      fate.openReports--;
    }
  }

  // ---------------------------------------------------------------- the store

  /** What is committed comes from nowhere again, so it has to be safe. */
  void committed(String broker, Partition partition, long from, long to) {
    if (to <= from) {
      return;
    }
    Machine machine = world.machineOf(broker);
    Set<String> safe =
        machine.file().durableRows().stream()
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
      if (!safe.contains(id) && badRecords.getOrDefault(root, 1) == 0) {
        violated(
            Kind.UNSAFE_COMMIT,
            broker + " commits past " + place + ", a bad record that is neither stored nor buried");
      }
      return;
    }
    Fate fate = fates.get(root);
    boolean comesTwice = fate != null && fate.records.getOrDefault(task.attempts(), 0) > 1;
    if (fate == null || comesTwice || safe.contains(task.id())) {
      return;
    }
    boolean dropped =
        world.rulesEver().kills(fate.spec.taskname()) || isLate(fate) || fate.deadLetters > 0;
    if (!dropped) {
      violated(
          Kind.UNSAFE_COMMIT,
          broker + " commits past " + place + " (" + root + "), which a power cut would take away");
    }
  }

  private static boolean isLate(Fate fate) {
    return fate.spec.expiresSec() > 0;
  }

  void wrote(String broker, JournalGroup group) {
    rowStates.wrote(broker, group);
  }

  /** A power cut has taken groups away: this is what is left. */
  void forgot(String broker, List<StoredActivation> rows) {
    rowStates.begin(broker, rows);
  }

  void opened(Machine machine, Depths depths) {
    Depths before = machine.atStop();
    if (before != null
        && before.parked() == 0
        && faultyRoots.isEmpty()
        && (before.unfinished() != depths.unfinished() || before.finished() != depths.finished())) {
      violated(
          Kind.REOPENED,
          "%s held %d unfinished and %d finished rows when it was stopped, and now %d and %d"
              .formatted(
                  machine.name(),
                  before.unfinished(),
                  before.finished(),
                  depths.unfinished(),
                  depths.finished()));
    }
  }

  // ---------------------------------------------------------------- defects

  void uncaught(String job, Throwable thrown) {
    if (!(thrown instanceof StoreException.Closed)) {
      violated(Kind.DEFECT, "job " + job + " has ended with " + describe(thrown));
    }
  }

  private static String describe(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    return thrown + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  void failed(String broker, Throwable cause) {
    if (!expectsFailure) {
      violated(Kind.DEFECT, broker + " cannot go on, for no reason of ours: " + cause);
    }
  }

  // ---------------------------------------------------------------- the end

  /** Tasks without an end so far. */
  List<String> unended() {
    return fates.values().stream()
        .filter(fate -> !hasEnded(fate))
        .map(fate -> fate.spec.root())
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Everything is still, so whatever has no end has none any more. */
  void judgeEnd() {
    List<String> lost = unended();
    if (!lost.isEmpty()) {
      violated(Kind.LOST, "nothing is left to do, and these tasks have no end: " + lost);
    }
    badRecords.forEach(
        (name, letters) -> {
          if (letters == 0) {
            violated(Kind.LOST, "bad record " + name + " was not dead-lettered");
          }
        });
  }

  private boolean hasEnded(Fate fate) {
    if (fate.completed || fate.openReports > 0 || fate.deadLetters > 0 || fate.demotions > 0) {
      return true;
    }
    if (world.rulesEver().kills(fate.spec.taskname()) || isLate(fate)) {
      return true;
    }
    return fate.spec.discards()
        && (fate.failureReported || fate.wasHanded() || fate.uncertain || disturbed);
  }
}
