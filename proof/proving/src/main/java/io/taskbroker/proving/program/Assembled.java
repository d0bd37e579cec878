package io.taskbroker.proving.program;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.AssembledProgram;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The program as the image and the systemd unit run it: on its own runtime, with its cache. */
public final class Assembled implements Scenario {
  private static final int OF_EACH = 2_000;
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final TaskKind QUICK = TaskKind.quick("assembled.quick");
  private static final TaskKind RETRIED = TaskKind.quick("assembled.retried").retrying(1);
  private static final TaskKind KEPT = TaskKind.quick("assembled.kept").ending(Ending.DEAD_LETTER);

  /** As much as the container of the smallest example has. */
  private static final String JVM = "-Xmx307m";

  /** Lets the JVM refuse to run without its cache. */
  private static final String CACHE_OR_NOTHING = "-XX:AOTMode=on";

  @Override
  public String name() {
    return "assembled";
  }

  @Override
  public String promise() {
    return "what ./taskbroker assemble makes does its work on its own runtime, cache or not";
  }

  @Override
  public Verdict play(Stage stage) {
    Path log = stage.folder().resolve("assemble.log");
    AssembledProgram program =
        AssembledProgram.assemble(stage.folder().resolve("program").toAbsolutePath(), log);
    var verdict = new Verdict();
    verdict
        .show("runtime_mb", megabytes(program.folder().resolve("runtime/lib/modules")))
        .show("jar_mb", megabytes(program.jar()))
        .show("cache_mb", megabytes(program.cache()))
        .expect("cache_used", 0, program.run(log, CACHE_OR_NOTHING, "--version"));
    work(stage, program, verdict);
    doWithoutCache(stage, program, log, verdict);
    return verdict;
  }

  private static void work(Stage stage, AssembledProgram program, Verdict verdict) {
    int port = FreePorts.any();
    Path log = stage.folder().resolve("livez.log");
    var settings = Map.<String, Object>of("http_addr", "127.0.0.1", "http_port", port);
    try (Rig rig = stage.rig("assembled", settings);
        BrokerProcess broker = program.launch(rig.settings(), JVM).awaitServing(START)) {
      verdict.expect("livez", 0, program.askWhetherAlive(log, port));
      try (var _ = rig.startWorkers(rig.workers(16, 4), QUICK, RETRIED, KEPT)) {
        for (TaskKind kind : new TaskKind[] {QUICK, RETRIED, KEPT}) {
          rig.producer().produce(kind, OF_EACH);
        }
        rig.producer().flush();
        rig.awaitEnds(PATIENCE);
      }
      var exit = broker.stop(ProcessSignal.TERM);
      Account account = rig.ledger().account();
      verdict
          .expect("completed", 2L * OF_EACH, account.completed())
          .expect("dead_lettered", OF_EACH, account.deadLettered())
          .expect("lost", 0, account.open())
          .expect("errors", 0, rig.errorLines(broker))
          .expect("exit", 0, exit.code())
          .atMost("stop_ms", STOP.toMillis(), exit.took().toMillis())
          .expect("livez_after", 1, program.askWhetherAlive(log, port));
    }
  }

  /** A cache is an offer: one that does not fit, or is not there, costs time and nothing else. */
  private static void doWithoutCache(
      Stage stage, AssembledProgram program, Path log, Verdict verdict) {
    try {
      Files.setLastModifiedTime(program.jar(), FileTime.from(Instant.EPOCH));
      verdict.expect("stale_refused", 1, program.run(log, CACHE_OR_NOTHING, "--version"));
      verdict.expect("exit_with_stale", 0, startAndStop(stage.in("stale"), program));
      Files.delete(program.cache());
      verdict.expect("exit_without", 0, startAndStop(stage.in("without"), program));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot spoil " + program.cache(), e);
    }
  }

  private static int startAndStop(Stage stage, AssembledProgram program) {
    BrokerSetup settings = BrokerSetup.of(stage.folder(), stage.kafka().address(), "assembled");
    try (BrokerProcess broker = program.launch(settings, JVM).awaitServing(START)) {
      return broker.stop(ProcessSignal.TERM).code();
    }
  }

  private static long megabytes(Path file) {
    try {
      return Files.size(file) >> 20;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + file, e);
    }
  }
}
