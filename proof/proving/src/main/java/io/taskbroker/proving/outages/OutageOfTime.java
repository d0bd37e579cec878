package io.taskbroker.proving.outages;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.machine.SteppedClock;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/** The clock is set back by an hour while Kafka is away, which its client counts time by. */
final class OutageOfTime implements Part {
  private static final Duration HOUR = Duration.ofHours(1);

  /** Each client has lost its connections by then, and has tried to make new ones. */
  private static final Duration AWAY = Duration.ofSeconds(4);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The hour is not waited for, nor a client's longest rest. */
  private static final Duration SOON = Duration.ofSeconds(45);

  private static final int TASKS = 200;
  private static final TaskKind QUICK = TaskKind.quick("outage.before_the_step");
  private static final TaskKind RETRIED = TaskKind.quick("outage.over_the_step").retrying(1);
  private static final TaskKind LATER = TaskKind.quick("outage.after_the_step").retrying(1);

  @Override
  public void play(Stage stage, Verdict verdict) {
    if (!PreloadedLibrary.isPossible()) {
      verdict.skip("setting the clock back", PreloadedLibrary.NEEDS);
      return;
    }
    SteppedClock clock = SteppedClock.build(stage.folder());
    NodeSettings node = NodeSettings.in(stage.folder().resolve("kafka-of-time"));
    try (ReturningKafka kafka = ReturningKafka.start(node);
        Rig rig = Rig.of(stage.folder(), kafka.address(), "outage-of-time", Map.of());
        BrokerProcess broker =
            BrokerProcess.launchBy(clock.wrapper(), rig.settings()).awaitServing(PATIENCE);
        var _ = rig.startWorkers(rig.workers(8, 2), QUICK, RETRIED, LATER)) {
      clock.step(HOUR);
      rig.producer().produce(QUICK, TASKS);
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      rig.producer().produce(RETRIED, TASKS);
      rig.producer().flush();
      kafka.kill();
      Waiting.pause(AWAY);
      clock.step(Duration.ZERO);
      stage.say("the clock is set back while Kafka is away");
      Waiting.pause(AWAY);
      kafka.comeBack();
      long backNanos = System.nanoTime();
      rig.producer().produce(LATER, TASKS);
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      Duration took = Duration.ofNanos(System.nanoTime() - backNanos);
      int exit = broker.stop(ProcessSignal.TERM).code();
      Account account = rig.ledger().account();
      verdict
          .expect("time.completed", 3L * TASKS, account.completed())
          .expect("time.lost", 0, account.open())
          .atMost("time.all_done_after_ms", SOON.toMillis(), took.toMillis())
          .expect("time.exit", 0, exit)
          .expectNone("time.error_lines", rig.settings().errorLines());
    }
  }
}
