package io.taskbroker.proving.files;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Stage.Extent;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The files of the store, changed under a running broker in the ways that people and tools have.
 */
public final class ChangedFiles implements Scenario {
  private static final int TASKS = 300;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration NOTICED = Duration.ofSeconds(5);

  /**
   * @param name for the topic and the figures
   * @param commands of a shell in the folder that holds {@code data}, with the store in it, and
   *     {@code backup.sqlite}, which lacks the later half of the tasks
   * @param inShort whether it is played in the short form, too: one for each thing that is watched
   */
  private record Way(String name, String commands, boolean inShort) {
    Way(String name, String commands) {
      this(name, commands, false);
    }
  }

  private static final List<Way> WAYS =
      List.of(
          new Way("renamed_over", "mv backup.sqlite data/inflight.sqlite", true),
          new Way("copied_over", "cp backup.sqlite data/inflight.sqlite"),
          new Way("exchanged", "rm data/inflight.sqlite; cp backup.sqlite data/inflight.sqlite"),
          new Way("removed", "rm data/inflight.sqlite"),
          new Way("all_removed", "rm data/*"),
          new Way("folder_removed", "rm -r data"),
          new Way("folder_renamed", "mv data data.old", true),
          new Way("folder_replaced", "mv data data.old; mkdir data"),
          new Way("cut", "truncate -s 0 data/inflight.sqlite", true),
          new Way("log_removed", "rm data/inflight.sqlite-wal", true),
          new Way("log_replaced", "cp data/inflight.sqlite-wal w; mv w data/inflight.sqlite-wal"),
          new Way("index_removed", "rm data/inflight.sqlite-shm"),
          new Way("lock_removed", "rm data/inflight.sqlite.lock"));

  @Override
  public String name() {
    return "files";
  }

  @Override
  public String promise() {
    return "store files changed in %d ways: the broker stops within %d s, the next one has all"
        .formatted(WAYS.size() + 1, NOTICED.toSeconds());
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    for (Way way : WAYS) {
      if (way.inShort() || stage.extent() == Extent.WHOLE) {
        play(way, stage, verdict);
      }
    }
    play(new Way("written_by_others", ""), stage, verdict);
    return verdict;
  }

  private static void play(Way way, Stage stage, Verdict verdict) {
    Path folder = stage.folder().resolve(way.name()).toAbsolutePath();
    Path data = make(folder.resolve("data"));
    Path store = data.resolve("inflight.sqlite");
    TaskKind task = TaskKind.quick("files." + way.name());
    int httpPort = FreePorts.any();
    Map<String, Object> settings =
        Map.of(
            "store.max_pending_count",
            15_000,
            "store.sqlite.path",
            store.toString(),
            "http_addr",
            "127.0.0.1",
            "http_port",
            httpPort);
    String topic = "files-" + way.name();
    try (Rig rig = Rig.of(folder, stage.kafka().address(), topic, settings)) {
      try (BrokerProcess broker = rig.startBroker()) {
        produce(rig, task, topic);
        execute(store, "VACUUM INTO '" + folder.resolve("backup.sqlite") + "'");
        produce(rig, task, topic);
        noticed(way, store, broker, httpPort, verdict);
      }
      make(data);
      try (BrokerProcess next = rig.startBroker();
          var _ = rig.startWorkers(rig.workers(8, 2), task)) {
        rig.producer().produce(task, TASKS);
        rig.producer().flush();
        boolean all = ended(rig);
        verdict
            .expect(way.name() + ".lost", 0, rig.ledger().account().open())
            .expect(way.name() + ".all", 1, all ? 1 : 0)
            .expect(way.name() + ".stop", 0, next.stop(ProcessSignal.TERM).code());
      }
    }
    stage.say(way.name() + ": " + way.commands());
  }

  private static void noticed(
      Way way, Path store, BrokerProcess broker, int httpPort, Verdict verdict) {
    try (FairClock clock = FairClock.start();
        Readiness readiness = new Readiness(httpPort, clock)) {
      Waiting.until("the broker is ready", PATIENCE, readiness::wasReady);
      change(way, store.resolveSibling("..").normalize(), store);
      Duration began = clock.elapsed();
      Waiting.until(
          "the change is said, see " + broker.settings().log(),
          PATIENCE,
          () -> broker.lines("ERROR", "Nothing is taken in any more") > 0);
      long tookMs = clock.elapsed().minus(began).toMillis();
      int exit = broker.process().awaitExit(PATIENCE);
      long notReadyMs = readiness.firstRefusal().minus(began).toMillis();
      verdict
          .atMost(way.name() + ".noticed_ms", NOTICED.toMillis(), tookMs)
          .atMost(way.name() + ".not_ready_ms", NOTICED.toMillis(), notReadyMs)
          .expect(way.name() + ".exit", 1, exit);
    }
  }

  private static boolean ended(Rig rig) {
    try {
      rig.awaitEnds(PATIENCE);
      return true;
    } catch (IllegalStateException _) {
      return false; // the figures say how many are missing
    }
  }

  private static void produce(Rig rig, TaskKind task, String topic) {
    rig.producer().produce(task, TASKS);
    rig.producer().flush();
    Waiting.untilNothingLeft("all is committed", PATIENCE, () -> rig.topics().lag(topic, topic));
  }

  private static void change(Way way, Path folder, Path store) {
    if (way.commands().isEmpty()) {
      execute(store, "VACUUM");
      return;
    }
    try {
      Process shell =
          new ProcessBuilder("sh", "-ec", way.commands())
              .directory(folder.toFile())
              .inheritIO()
              .start();
      if (shell.waitFor() != 0) {
        throw new IllegalStateException("'" + way.commands() + "' failed in " + folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run a shell", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while changing files", e);
    }
  }

  private static void execute(Path store, String sql) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + store);
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot execute " + sql + " on " + store, e);
    }
  }

  private static Path make(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
