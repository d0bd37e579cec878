package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.EventSink;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.broker.PlainTask;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What the tools for a stopped broker's store say, and that they do it. */
class StoreToolsCommandTest {
  private static final String FORGER = "odd\n1 parked\u001b[2J";
  private static final String FORGER_AS_SHOWN = "odd\\n1 parked\\u001b[2J";

  private static final String JUNK = "junk";

  @TempDir private Path folder;
  private Path store;

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void makeAStore() {
    store = folder.resolve("store.sqlite");
    fill(
        store,
        row(1, "big", AwaitingRetry.STATE, "too large"),
        row(2, FORGER, AwaitingRetry.STATE, "no\ntopic"),
        row(3, "fine", Pending.STATE, null));
  }

  @Test
  void parkedRowsAreShownInLinesOfOurs() {
    Outcome list = parked("list");

    assertThat(list.status()).isZero();
    assertThat(list.out())
        .contains("big\n  retry of send_receipt, ", " from taskworker/0 at 1\n  too large\n")
        .contains(FORGER_AS_SHOWN + "\n", "  no\\ntopic\n")
        .endsWith("\n2 parked\n")
        .doesNotContain("\u001b");
  }

  @Test
  void parkedRowsAreNamedAsTheyAreShown() {
    assertThat(parked("retry", FORGER_AS_SHOWN))
        .isEqualTo(new Outcome(0, "1 to be tried again\n", ""));
    assertThat(parked("list").out()).endsWith("\n1 parked\n").doesNotContain("odd");
    assertThat(parked("drop", "--all")).isEqualTo(new Outcome(0, "1 dropped\n", ""));
    assertThat(parked("list").out()).isEqualTo("0 parked\n");
  }

  @Test
  void whatLooksTheSameIsToldApart() {
    fill(
        folder.resolve("alike.sqlite"),
        row(1, "a\nb", AwaitingRetry.STATE, "too large"),
        row(2, "a\\nb", AwaitingRetry.STATE, "too large"),
        row(3, "c\n\\n", AwaitingRetry.STATE, "too large"),
        row(4, "c\\n\n", AwaitingRetry.STATE, "too large"));
    store = folder.resolve("alike.sqlite");

    Outcome drop = parked("drop", "c\\n\\n");
    assertThat(drop.status()).isEqualTo(1);
    assertThat(drop.err()).contains("several", "c\\n\\n", "Nothing was changed.");
    assertThat(parked("drop", "a\nb")).isEqualTo(new Outcome(0, "1 dropped\n", ""));
    assertThat(parked("list").out()).contains("a\\nb\n").endsWith("\n3 parked\n");
    assertThat(parked("drop", "--all")).isEqualTo(new Outcome(0, "3 dropped\n", ""));
  }

  @Test
  void ifOneIsNotParkedNothingIsChanged() {
    Outcome drop = parked("drop", "big", "fine", "nobody");

    assertThat(drop.status()).isEqualTo(1);
    assertThat(drop.err())
        .isEqualTo(
            "taskbroker: not parked in %s: fine, nobody. Nothing was changed.\n".formatted(store));
    assertThat(parked("list").out()).endsWith("\n2 parked\n");
  }

  @Test
  void anExportSaysWhatItHasWrittenAndWhatThatMeans() {
    Outcome export = run("export", store.toString());

    assertThat(export.status()).isZero();
    assertThat(export.out())
        .contains("3 tasks written to " + store + ".exported\n", "2 tasks among them were refused");
    assertThat(run("export", store.toString()).err())
        .contains(store + ".exported exists and is not overwritten");
    assertThat(run("export", store.toString(), "-o", folder.resolve("out").toString()).out())
        .contains("3 tasks written to " + folder.resolve("out") + "\n");
  }

  @Test
  void aBackupSaysHowLargeItIs() {
    Path copy = folder.resolve("copy.sqlite");

    Outcome backup = run("backup", store.toString(), copy.toString());

    assertThat(backup.status()).isZero();
    assertThat(backup.out()).isEqualTo("%d bytes written to %s\n".formatted(size(copy), copy));
  }

  @Test
  void anImportSaysWhatBecameOfTheRowsAndWhereTheOriginalIs() {
    Path other = folder.resolve("other.sqlite");
    Path back = folder.resolve("back.sqlite");
    Activations once = Activations.pending("once").atMostOnce().at(Activations.ORIGIN, 5);
    fill(
        other,
        new StoredActivation(1, once.build(), Pending.STATE, 1, RetryOverride.NONE, null),
        row(2, "fine", Pending.STATE, null),
        row(3, JUNK, Pending.STATE, null));
    assertThat(run("export", other.toString(), "-o", back.toString()).status()).isZero();
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    Logger log = (Logger) LoggerFactory.getLogger("taskbroker::store");
    log.addAppender(said);

    SqliteJournal.open(
            settings(back),
            new SettableTime(),
            EventSink.none(),
            new ReferenceFiles(new ImportSettings("taskworker", new PlainCodec())))
        .close();

    log.detachAppender(said);
    assertThat(said.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            back + " was written by the reference broker and is imported",
            "Imported 3 rows of the reference broker into %1$s (1 pending, 2 failure). The original is kept as %1$s.reference; remove it once you do not want to go back"
                .formatted(back),
            "1 imported at-most-once tasks may have run already and have failed",
            "1 imported rows are no tasks that a worker could take; they go to the dead-letter topic with the reason in a header");
  }

  @Test
  void salvageSaysWhatItHasCopied_andByItsStatusWhetherThatIsAll() throws Exception {
    Path whole = folder.resolve("whole.sqlite");
    Path part = folder.resolve("part.sqlite");

    assertThat(run("salvage", store.toString(), whole.toString()))
        .isEqualTo(
            new Outcome(0, "3 tasks and 0 rows of finished tasks written to " + whole + "\n", ""));
    Outcome again = run("salvage", store.toString(), whole.toString());
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("exists and is not overwritten");

    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM payload WHERE key = 2");
    }
    assertThat(run("salvage", store.toString(), part.toString()))
        .isEqualTo(
            new Outcome(
                4,
                "2 tasks and 0 rows of finished tasks written to %s%nlost: task %s with key 2, from taskworker/0 at 2: it has no payload%n"
                    .formatted(part, FORGER_AS_SHOWN),
                ""));
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  private Outcome parked(String command, String... ids) {
    String[] words = new String[3 + ids.length];
    words[0] = "parked";
    words[1] = command;
    words[2] = store.toString();
    System.arraycopy(ids, 0, words, 3, ids.length);
    return run(words);
  }

  private static Outcome run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line =
        TaskbrokerCommand.line(Map.of()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Outcome(line.execute(words), out.toString(), err.toString());
  }

  private static StoredActivation row(
      long key, String id, ActivationState state, @Nullable String parked) {
    Activations task = Activations.pending(id).at(Activations.ORIGIN, key);
    return new StoredActivation(key, task.build(), state, 0, RetryOverride.NONE, parked);
  }

  private static SqliteSettings settings(Path file) {
    return new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES);
  }

  /** All of them count as committed. */
  private static void fill(Path file, StoredActivation... rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (StoredActivation row : rows) {
      boolean isJunk = row.activation().id().equals(JUNK);
      payloads.put(
          row.key(), isJunk ? new byte[10] : PlainTask.of(row.activation(), new byte[0]).encode());
    }
    try (SqliteJournal journal = SqliteJournal.open(settings(file), new SettableTime())) {
      journal.apply(
          new JournalGroup(
              new Changes(List.of(rows), List.of(), List.of(), Map.of(Activations.ORIGIN, 1_000L)),
              payloads),
          Durability.PROCESS_CRASH);
    }
  }
}
