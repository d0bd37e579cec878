package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Status;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.workload.proxy.Line;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed (SIGKILL) at a request of the way from getsentry/taskbroker and back,
 * the server having the request as a whole. What it has left undone is done by the next one, as if
 * nobody had been killed. {@code -Dkills=all} plays each request.
 */
class KilledMoveTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int STEP = "all".equals(System.getProperty("kills")) ? 1 : 5;

  /** More than are moved in one transaction. */
  private static final int MANY = ReferenceTable.AT_ONCE + 100;

  private static final String REFERENCE =
      "SELECT to_regclass('%1$s_reference') IS NOT NULL".formatted(Schema.VIEW);
  private static final String OURS = "SELECT to_regclass('taskbroker_task') IS NOT NULL";

  @TempDir private Path folder;

  private final AtomicInteger left = new AtomicInteger();
  private CompletableFuture<Process> process = new CompletableFuture<>();
  private final Proxy proxy =
      Proxy.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), SERVER.port()),
          PostgresMessages.PROTOCOL,
          KillingScript::new);

  @AfterEach
  void close() {
    proxy.close();
  }

  @Test
  void whereverAProcessIsKilled_noRowIsLostOrThereTwice_andTheNextOneEndsTheWork()
      throws Exception {
    PostgresSettings undisturbed = withRows();
    Map<String, Status> before = states(undisturbed);
    Map<String, Status> found = ThereAndBack.go(undisturbed);
    Map<String, Status> after = states(undisturbed);
    assertThat(found.keySet()).isEqualTo(before.keySet());
    assertThat(after).doesNotContainValue(Status.COMPLETE).hasSize(before.size() - 2);

    int kills = 0;
    boolean wasKilled = true;
    for (int request = 1; wasKilled; request += STEP) {
      PostgresSettings settings = withRows();
      wasKilled = isKilled(request, settings);
      String as = "request " + request;
      kills += wasKilled ? 1 : 0;
      awaitEndOfSessions(settings);
      List<String> there = ids(settings);
      boolean isGivenBack = there.size() == after.size();
      assertThat(there)
          .as(as)
          .containsExactlyInAnyOrderElementsOf((isGivenBack ? after : before).keySet());

      deposeBrokers(settings);
      Map<String, Status> foundAgain = ThereAndBack.go(settings);

      assertThat(foundAgain).as(as).isEqualTo(isGivenBack ? without(found) : found);
      assertThat(states(settings)).as(as).isEqualTo(after);
    }
    assertThat(kills).as("requests at which it was killed").isGreaterThan(30 / STEP);
  }

  private static Map<String, Status> without(Map<String, Status> found) {
    Map<String, Status> unfinished = new TreeMap<>(found);
    unfinished.values().removeIf(Status.COMPLETE::equals);
    return unfinished;
  }

  // ---------------------------------------------------------------- rows

  /** A database with rows of the reference's in every state, in two partitions. */
  private static PostgresSettings withRows() {
    PostgresSettings settings = Databases.empty();
    String database = settings.place().database();
    SERVER.run(database, ReferenceTableTest.TABLE);
    leave(database, "pending", "Pending", "false", "");
    leave(database, "delay", "Delay", "false", ", delay_until = to_timestamp(4000000000)");
    leave(database, "claimed", "Claimed", "false", ", claim_expires_at = to_timestamp(1)");
    leave(database, "processing", "Processing", "false", ", processing_deadline = to_timestamp(1)");
    leave(database, "retry", "Retry", "false", "");
    leave(database, "failure", "Failure", "false", "");
    leave(database, "complete", "Complete", "false", "");
    leave(database, "once-failed", "Failure", "true", "");
    leave(database, "once-pushed", "Pending", "true", ", claim_expires_at = to_timestamp(1)");
    leave(database, "once-retried", "Retry", "true", "");
    SERVER.run(
        database,
        insert("'many-' || i", "0", "Pending", "false", "FROM generate_series(1, %d) AS i")
            .formatted(MANY));
    return settings;
  }

  private static void leave(String database, String name, String status, String once, String more) {
    SERVER.run(
        database,
        insert("'%s-' || i".formatted(name), "i", status, once, "FROM generate_series(0, 1) AS i"),
        "UPDATE inflight_taskactivations SET bucket = 1%s WHERE id LIKE '%s-%%'"
            .formatted(more, name));
  }

  private static String insert(
      String id, String partition, String status, String once, String from) {
    return """
    INSERT INTO inflight_taskactivations (
      id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
      processing_deadline_duration, status, at_most_once, application, namespace, taskname, topic,
      on_attempts_exceeded)
    SELECT %s, 'x', %s, i, to_timestamp(i), now(), 0, 30, '%s', %s, 'a', 'n', 't', 'tasks', 2 %s\
    """
        .formatted(id, partition, status, once, from);
  }

  /** All that is stored, on either side, as of one moment. */
  private static List<String> ids(PostgresSettings settings) {
    String database = settings.place().database();
    String theirs = isSo(database, REFERENCE) ? Schema.VIEW + "_reference" : Schema.VIEW;
    String ours = isSo(database, OURS) ? "UNION ALL SELECT id FROM taskbroker_task" : "";
    return SERVER.ask(database, "SELECT id FROM %s %s".formatted(theirs, ours));
  }

  private static boolean isSo(String database, String question) {
    return SERVER.ask(database, question).getFirst().equals("t");
  }

  /** What anybody sees under the reference's name. */
  private static Map<String, Status> states(PostgresSettings settings) {
    Map<String, Status> states = new TreeMap<>();
    for (String row :
        SERVER.ask(settings.place().database(), "SELECT status || ' ' || id FROM " + Schema.VIEW)) {
      String[] parts = row.split(" ", 2);
      Status status =
          Stream.of(Status.values())
              .filter(one -> one.text().equals(parts[0]))
              .findFirst()
              .orElseThrow();
      states.put(parts[1], status);
    }
    return states;
  }

  /** Returns once the server has no session of a process that was killed. */
  private static void awaitEndOfSessions(PostgresSettings settings) {
    String sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND application_name LIKE"
                .formatted(settings.place().database())
            + " 'taskbroker/%'";
    while (!SERVER.ask("postgres", sessions).getFirst().equals("0")) {
      Thread.onSpinWait();
    }
  }

  /** As if they had been silent for long. */
  private static void deposeBrokers(PostgresSettings settings) {
    String database = settings.place().database();
    if (isSo(database, OURS)) {
      SERVER.run(
          database,
          "UPDATE taskbroker_broker SET fenced = true, fenced_at = now()",
          "UPDATE taskbroker_custody SET broker = NULL, free_since = now()",
          "DELETE FROM taskbroker_heartbeat");
    }
  }

  // ---------------------------------------------------------------- the process

  /** Whether the process was killed at the request of this number; it has ended. */
  private boolean isKilled(int request, PostgresSettings settings)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    process = new CompletableFuture<>();
    left.set(request);
    Process begun =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ThereAndBack.class.getName(),
                Integer.toString(proxy.port()),
                settings.place().database())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    process.complete(begun);
    int status = begun.waitFor();
    boolean wasKilled = left.getAndSet(0) <= 0;
    assertThat(status)
        .as(() -> "request %d: %s".formatted(request, read(said)))
        .isEqualTo(wasKilled ? 128 + 9 : 0);
    return wasKilled;
  }

  private static String read(Path said) {
    try {
      return Files.readString(said);
    } catch (IOException e) {
      return "it has said nothing: " + e;
    }
  }

  /** Passes the last request that is left, and kills the process before an answer. */
  private final class KillingScript implements Script {
    @Override
    public void fromClient(byte[] message, Line line) throws IOException {
      boolean isEndOfRequest = PostgresMessages.letter(message) == 'S';
      line.toServer(message);
      if (isEndOfRequest && left.get() > 0 && left.decrementAndGet() == 0) {
        process.join().destroyForcibly().onExit().join();
        line.cut();
      }
    }

    @Override
    public void fromServer(byte[] message, Line line) throws IOException {
      line.toClient(message);
    }
  }
}
