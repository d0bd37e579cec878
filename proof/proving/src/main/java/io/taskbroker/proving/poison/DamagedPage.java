package io.taskbroker.proving.poison;

import io.taskbroker.proving.program.Said;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One page of payloads is damaged: everybody else is served, and salvage names the rest. */
final class DamagedPage {
  private static final String TOPIC = "poison-page";
  private static final int TASKS = 1_000;
  private static final int LATER = 200;
  private static final int PAGE_BYTES = 4_096;

  /** Of the page: its header, and where its rows are. */
  private static final int DAMAGED_BYTES = 40;

  private static final int SALVAGED_IN_PART = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final TaskKind TASK = TaskKind.quick("poison.page");

  private DamagedPage() {}

  static void play(Stage stage, Verdict verdict) {
    Stage own = stage.in("page");
    try (Rig rig = own.rig(TOPIC, Map.of("store.max_pending_count", 15_000))) {
      Path store = rig.settings().store();
      try (BrokerProcess broker = rig.startBroker()) {
        rig.producer().produce(TASK, TASKS);
        rig.producer().flush();
        Waiting.untilNothingLeft("all is stored", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
        broker.stop(ProcessSignal.TERM);
      }
      damagePageOf(store, TASKS / 2);
      long lost = salvage(own, store, verdict);
      for (int start = 1; start <= 2; start++) {
        try (BrokerProcess broker = rig.startBroker();
            var _ = rig.startWorkers(rig.workers(8, 2), TASK)) {
          rig.producer().produce(TASK, LATER);
          rig.producer().flush();
          long expected = TASKS - lost + (long) start * LATER;
          Waiting.until(
              "all but what is damaged is served, see " + rig.settings().log(),
              PATIENCE,
              () -> rig.ledger().account().completed() >= expected);
          verdict.expect("page.start" + start + ".exit", 0, broker.stop(ProcessSignal.TERM).code());
        }
      }
      verdict
          .expect("page.served", TASKS - lost + 2 * LATER, rig.ledger().account().completed())
          .expect("page.repeated", 0, rig.ledger().account().repeats());
    }
  }

  /** How many tasks it names as lost. */
  private static long salvage(Stage stage, Path store, Verdict verdict) {
    Path out = store.resolveSibling("salvaged.sqlite");
    Path log = stage.folder().resolve("salvage.log");
    Said said = Said.by(List.of(), log, "salvage", store.toString(), out.toString());
    long named = said.words().lines().filter(line -> line.startsWith("lost: task ")).count();
    verdict
        .expect("page.salvage_exit", SALVAGED_IN_PART, said.exit())
        .atLeast("page.salvage_named", 1, named)
        .atMost("page.salvage_named", 4, named)
        .expect("page.salvaged", TASKS - named, rows(out));
    return named;
  }

  private static long rows(Path store) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + store);
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT count(*) FROM payload")) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException("cannot count the rows of " + store, e);
    }
  }

  private static void damagePageOf(Path store, int row) {
    byte[] payload = payload(store, row);
    try (RandomAccessFile raw = new RandomAccessFile(store.toFile(), "rw")) {
      long page = indexOf(Files.readAllBytes(store), payload) / PAGE_BYTES;
      byte[] nonsense = new byte[DAMAGED_BYTES];
      Arrays.fill(nonsense, (byte) 0xEE);
      raw.seek(page * PAGE_BYTES);
      raw.write(nonsense);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot damage " + store, e);
    }
  }

  private static byte[] payload(Path store, int row) {
    String sql = "SELECT bytes FROM payload ORDER BY key LIMIT 1 OFFSET " + row;
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + store);
        var statement = connection.createStatement();
        var found = statement.executeQuery(sql)) {
      found.next();
      return found.getBytes(1);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read a payload of " + store, e);
    }
  }

  private static int indexOf(byte[] all, byte[] wanted) {
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new IllegalStateException("the file holds no such payload");
  }
}
