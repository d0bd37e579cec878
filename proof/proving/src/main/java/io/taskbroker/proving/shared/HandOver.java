package io.taskbroker.proving.shared;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A second broker comes, gets a partition with its rows, leaves and comes again; at last it is
 * killed. How long is nothing of that partition handed out?
 */
final class HandOver implements Part {
  private static final String TOPIC = "custody-handover";
  private static final int PAYLOAD_BYTES = 1024;

  /** For each partition at each broker. */
  private static final int WORKERS = 4;

  private static final Duration WORK = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Hand-outs go on for so long before and after what is measured. */
  private static final Duration AROUND = Duration.ofSeconds(2);

  /** What is promised. */
  private static final Duration LONGEST_MOVE = Duration.ofMillis(500);

  private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(15);

  private static final Pattern ARRIVAL =
      Pattern.compile(TOPIC + "\\[(\\d)] is in this broker's custody; its (\\d+) rows");

  /** Of each partition one, and an application of its own, so that neither waits for the other. */
  private static final TaskKind[] KINDS = {kind(0), kind(1)};

  private static final String[] APPLICATIONS = {"first", "second"};

  private static TaskKind kind(int partition) {
    return TaskKind.quick("handover." + partition).working(WORK);
  }

  @Override
  public void play(Stage stage, Verdict verdict) {
    int rows = stage.some(18_000, 2_000);
    try (SharedDatabase database = SharedDatabase.start(Map.of())) {
      Map<String, Object> settings = new TreeMap<>(database.settings());
      settings.put("store.max_pending_count", 4 * rows);
      try (Rig rig = stage.rig(TOPIC, KINDS.length, settings);
          SharingBroker first = SharingBroker.of(rig, "first").launch().awaitServing();
          SharingBroker second = SharingBroker.of(rig, "second")) {
        produce(rig, rows);
        Waiting.until("all are stored", PATIENCE, () -> database.unfinished() >= 2L * rows);
        measure(stage, rig, first, second, verdict);
        end(stage, rig, first, database, verdict);
      }
    }
  }

  private static void produce(Rig rig, int rows) {
    for (int partition = 0; partition < KINDS.length; partition++) {
      var target =
          new ActivationProducer.Target(rig.settings().kafka(), TOPIC, APPLICATIONS[partition]);
      try (var producer = new ActivationProducer(target, PAYLOAD_BYTES, rig.ledger())) {
        for (int i = 0; i < rows; i++) {
          producer.produceTo(partition, KINDS[partition]);
        }
        producer.flush();
      }
    }
  }

  private static void measure(
      Stage stage, Rig rig, SharingBroker first, SharingBroker second, Verdict verdict) {
    int joins = stage.some(5, 1);
    long[] moves = new long[joins];
    long fewestRows = Long.MAX_VALUE;
    try (var _ = workers(rig, first, 0);
        var _ = workers(rig, first, 1);
        var _ = workers(rig, second, 0);
        var _ = workers(rig, second, 1)) {
      for (int i = 0; i < joins; i++) {
        long from = System.nanoTime();
        MatchResult arrival = join(second, i);
        TaskKind moved = KINDS[Integer.parseInt(arrival.group(1))];
        fewestRows = Math.min(fewestRows, Long.parseLong(arrival.group(2)));
        Waiting.pause(AROUND);
        moves[i] = longestGapMs(rig, moved, from);
        stage.say(
            "%s rows of %s moved: nothing of it for %d ms, of the other for %d ms"
                .formatted(arrival.group(2), moved.taskname(), moves[i], other(rig, moved, from)));
        if (i < joins - 1) {
          leave(stage, rig, second, moved, verdict);
        } else {
          kill(stage, rig, second, moved, verdict);
        }
      }
    }
    Arrays.sort(moves);
    verdict
        .atLeast("handover.fewest_rows", stage.some(10_000, 500), fewestRows)
        .show("handover.moves_ms", Arrays.toString(moves).replace(" ", ""))
        .atMost("handover.median_move_ms", LONGEST_MOVE.toMillis(), moves[joins / 2]);
  }

  private static Workers workers(Rig rig, SharingBroker broker, int partition) {
    var pool = WorkerSettings.at(broker.address(), WORKERS, 1).of(APPLICATIONS[partition]);
    return rig.startWorkers(pool, KINDS);
  }

  /** Returns what its log says of the partition that it got. */
  private static MatchResult join(SharingBroker broker, int before) {
    broker.launch();
    Waiting.until(
        broker.name() + " has got a partition",
        PATIENCE,
        () -> arrivals(broker).length > before || !broker.isAlive());
    return arrivals(broker)[before];
  }

  private static MatchResult[] arrivals(SharingBroker broker) {
    return ARRIVAL
        .matcher(broker.running().process().output())
        .results()
        .toArray(MatchResult[]::new);
  }

  private static void leave(
      Stage stage, Rig rig, SharingBroker broker, TaskKind kind, Verdict verdict) {
    long from = System.nanoTime();
    if (broker.stop() != 0) {
      verdict.expectNone("handover.stop", List.of(broker.running().lastLine()));
    }
    Waiting.pause(AROUND);
    stage.say(
        "%s stopped: nothing of %s for %d ms"
            .formatted(broker.name(), kind.taskname(), longestGapMs(rig, kind, from)));
  }

  private static void kill(
      Stage stage, Rig rig, SharingBroker broker, TaskKind kind, Verdict verdict) {
    broker.kill();
    long from = System.nanoTime();
    Waiting.until(
        "what the killed one had is handed out again",
        PATIENCE,
        () -> rig.ledger().handoutTimes(kind, from).length > 0);
    long took = Duration.ofNanos(rig.ledger().handoutTimes(kind, from)[0] - from).toMillis();
    stage.say(
        "%s was killed: nothing of %s for %d ms".formatted(broker.name(), kind.taskname(), took));
    verdict.atMost("handover.takeover_ms", LONGEST_TAKEOVER.toMillis(), took);
  }

  private static long other(Rig rig, TaskKind moved, long from) {
    return longestGapMs(rig, KINDS[0].equals(moved) ? KINDS[1] : KINDS[0], from);
  }

  /** The longest time without a hand-out of a kind, from a moment until now. */
  private static long longestGapMs(Rig rig, TaskKind kind, long from) {
    long longest = 0;
    long last = from;
    for (long time : rig.ledger().handoutTimes(kind, from)) {
      longest = Math.max(longest, time - last);
      last = time;
    }
    return Duration.ofNanos(Math.max(longest, System.nanoTime() - last)).toMillis();
  }

  private static void end(
      Stage stage, Rig rig, SharingBroker first, SharedDatabase database, Verdict verdict) {
    try (var _ =
        rig.startWorkers(WorkerSettings.at(first.address(), stage.some(300, 150), 4), KINDS)) {
      rig.awaitEnds(PATIENCE);
      Waiting.untilNothingLeft("the store is empty", PATIENCE, database::unfinished);
    }
    Account account = rig.ledger().account();
    var reasons = RepeatReasons.of(rig.ledger().repetitions(), List.of());
    verdict
        .expect("handover.lost", 0, account.open())
        .show("handover.repeated", account.repeats())
        .expectNone("handover.unexplained", reasons.unexplained())
        .expect("handover.exit_of_the_first", 0, first.stop());
  }
}
