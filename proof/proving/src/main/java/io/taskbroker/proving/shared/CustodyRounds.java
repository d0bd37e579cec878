package io.taskbroker.proving.shared;

import io.taskbroker.proving.shared.Disturbance.Manner;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** In each round one broker is stopped, one is killed and one is frozen, under load. */
final class CustodyRounds implements Part {
  static final int ROUNDS = 16;
  static final int TASKS = 100_000;

  private static final String TOPIC = "custody";
  private static final int WORKERS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (SharedDatabase database = SharedDatabase.start(Map.of());
        Rig rig = stage.rig(TOPIC, stage.some(32, 8), database.settings())) {
      List<SharingBroker> brokers = brokers(stage, rig);
      List<Workers> workers = new ArrayList<>();
      try {
        brokers.forEach(SharingBroker::launch);
        brokers.forEach(SharingBroker::awaitServing);
        LateGroups late = LateGroups.watch(database);
        for (SharingBroker broker : brokers) {
          var pool = WorkerSettings.at(broker.address(), WORKERS, 1);
          workers.add(rig.startWorkers(pool, SteadyLoad.KINDS));
        }
        var faults = new CustodyFaults(stage, rig.ledger(), database);
        playRounds(stage, rig, brokers, faults);
        awaitEnd(rig, database);
        brokers.forEach(faults::relaunchIfEnded);
        judge(stage, rig, faults, verdict);
        verdict.expect("rounds.late_groups", 0, late.count());
        stopAll(brokers, faults, database, verdict);
      } finally {
        brokers.forEach(SharingBroker::close);
        workers.forEach(Workers::close);
      }
    }
  }

  private static List<SharingBroker> brokers(Stage stage, Rig rig) {
    return IntStream.rangeClosed(1, stage.some(8, 4))
        .mapToObj(number -> SharingBroker.of(rig, "broker-" + number))
        .toList();
  }

  private static void playRounds(
      Stage stage, Rig rig, List<SharingBroker> brokers, CustodyFaults faults) {
    Random random = stage.random();
    int tasks = stage.some(TASKS, 2_000);
    int rounds = stage.some(ROUNDS, 1);
    try (SteadyLoad load = SteadyLoad.start(rig.producer(), stage.some(150, 120), tasks)) {
      for (int round = 1; round <= rounds; round++) {
        List<SharingBroker> shuffled = new ArrayList<>(brokers);
        Collections.shuffle(shuffled, random);
        faults.play(
            Map.of(
                Manner.STOPPED,
                shuffled.get(0),
                Manner.KILLED,
                shuffled.get(1),
                Manner.FROZEN,
                shuffled.get(2)),
            random);
        stage.say(
            "round %d: %d handed out, %d unfinished"
                .formatted(round, rig.ledger().handouts(), rig.ledger().unfinished()));
      }
      int _ = load.finish();
    }
  }

  private static void awaitEnd(Rig rig, SharedDatabase database) {
    Waiting.untilNothingLeft(
        "every task that is not at-most-once has ended",
        PATIENCE,
        () -> SteadyLoad.MUST_END.stream().mapToLong(rig.ledger()::unfinished).sum());
    Waiting.untilNothingLeft("the store is empty", PATIENCE, database::unfinished);
    Waiting.untilNothingLeft(
        "all offsets are committed",
        PATIENCE,
        () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
    rig.catchUp();
  }

  private static void judge(Stage stage, Rig rig, CustodyFaults faults, Verdict verdict) {
    var ledger = rig.ledger();
    long tasks = stage.some(TASKS, 2_000);
    long share = tasks / SteadyLoad.SHARE;
    var account = ledger.account();
    var reasons = RepeatReasons.of(ledger.repetitions(), faults.disturbances());
    verdict
        .expect("rounds.produced", tasks, account.produced())
        .expect("rounds.lost", 0, SteadyLoad.MUST_END.stream().mapToLong(ledger::unfinished).sum())
        .expect("rounds.dead_lettered", share, account.deadLettered())
        .expect("rounds.retried", share, account.retried())
        .show("rounds.at_most_once_dropped", ledger.unfinished(SteadyLoad.ONCE))
        .expect(
            "rounds.at_most_once_twice",
            0,
            account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
        .show("rounds.repeated", account.repeats());
    reasons.counts().forEach((reason, count) -> verdict.show("rounds." + reason, count));
    verdict
        .expectNone("rounds.unexplained", reasons.unexplained())
        .expectNone("rounds.wrong", ledger.complaints())
        .show("rounds.retry_copies", account.retryRecords() - account.retried())
        .show("rounds.dead_letter_copies", account.deadLetterRecords() - account.deadLettered());
    faults.judge(verdict);
  }

  private static void stopAll(
      List<SharingBroker> brokers, CustodyFaults faults, SharedDatabase database, Verdict verdict) {
    long outOfOrder = brokers.stream().filter(broker -> broker.stop() != 0).count();
    long errors = brokers.stream().mapToLong(one -> one.settings().errorLines().size()).sum();
    verdict
        .expect("rounds.stops_out_of_order", 0, outOfOrder)
        .expect("rounds.error_lines", 0, errors - faults.errorLinesOfTheDeposed())
        .expect(
            "rounds.held_in_the_end",
            0,
            database.count("SELECT count(*) FROM taskbroker_custody WHERE broker IS NOT NULL"));
  }
}
