package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.EventSink;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What a program does on a small disk. It says what became of that, a line for each fact. */
final class FullDiskPlays {
  private static final int ROWS = 1_000;
  private static final int PAYLOAD_BYTES = 1_000;

  /** When its row goes, there are some hundred free pages. */
  private static final int LARGE_PAYLOAD_BYTES = 2_000_000;

  /** Too little for a batch, enough for some reports. */
  private static final int LEFT_BYTES = 128 * 1024;

  private static final Duration MOMENT = Duration.ofMillis(1_500);

  private final SmallDisk disk;
  private final long size;
  private final Path file;

  private FullDiskPlays(Path folder) throws IOException {
    this.disk = new SmallDisk(folder);
    this.size = disk.size();
    this.file = folder.resolve("store.sqlite");
  }

  public static void main(String[] arguments) throws Exception {
    FullDiskPlays plays = new FullDiskPlays(Path.of(arguments[1]));
    switch (arguments[0]) {
      case "outgrow" -> plays.outgrow();
      case "squeeze" -> plays.squeeze();
      case "reclaim" -> plays.reclaim();
      case "tidy" -> plays.tidy();
      case "read" -> plays.read();
      case "open" -> plays.open();
      case "upgrade" -> plays.upgrade();
      case "import" -> plays.importing();
      case "backup" -> plays.tool(out -> StoreBackup.write(plays.file, out, Duration.ofMinutes(4)));
      case "export" ->
          plays.tool(out -> new ReferenceExport(new PlainCodec()).write(plays.file, out));
      case "salvage" ->
          plays.tool(out -> new StoreSalvage(new PlainCodec(), 0).write(plays.file, out));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void say(String fact, @Nullable Object value) {
    System.out.println(fact + " " + value);
  }

  /** Hands out what is stored, in many more groups than the disk has room for in a log. */
  private void outgrow() {
    try (SqliteJournal journal = Groups.open(file)) {
      insert(journal, 1);
      say("refused", handOut(journal, 4 * ROWS, Integer.MAX_VALUE));
    }
    sayStored();
  }

  /**
   * Another program takes the room for a while. Until then there is so much of it that the log is
   * never copied, so none is half copied when the room goes.
   */
  private void squeeze() throws IOException {
    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal journal = Groups.open(file)) {
      insert(journal, 1);
      handOut(journal, ROWS, 0);
      disk.leave(LEFT_BYTES);
      say("batch", refusal(journal, Groups.insertPending(ROWS + 1, ROWS + 300, PAYLOAD_BYTES)));
      int taken = ROWS - handOut(journal, ROWS, ROWS);
      say("some reports", taken > 0);
      LockSupport.parkNanos(MOMENT.toNanos());
      say("many lines", linesOfALogThatGrows(log) > 1);
      say("never copied", Files.size(file) < ROWS * PAYLOAD_BYTES);

      disk.resize(size);
      insert(journal, ROWS + 1);
      insert(journal, 2 * ROWS + 1);
      say("refused", handOut(journal, 4 * ROWS, 0));
    }
    sayStored();
  }

  /** The room goes while the database has free pages to give back, and nobody writes. */
  private void reclaim() throws IOException {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(0, 0, LARGE_PAYLOAD_BYTES));
      insert(journal, 1);
      disk.leave(LEFT_BYTES);
      Groups.apply(journal, Groups.delete(0, 0));
      long left = Files.getFileStore(file).getUsableSpace();
      LockSupport.parkNanos(MOMENT.toNanos());
      say("less room", Files.getFileStore(file).getUsableSpace() < left);
      say("some reports", handOut(journal, ROWS, ROWS) < ROWS);
      disk.resize(size);
      say("refused", handOut(journal, ROWS, 0));
    }
    sayStored();
  }

  /** The room goes when finished tasks have left progress to delete, and nobody writes. */
  private void tidy() throws IOException {
    try (SqliteJournal journal = Groups.open(file)) {
      insert(journal, 1);
      handOut(journal, ROWS, 0);
      Groups.apply(journal, Groups.delete(1, ROWS - 1));
      disk.leave(LEFT_BYTES);
      long left = Files.getFileStore(file).getUsableSpace();
      for (int turn = 0; turn < ROWS; turn++) {
        journal.tidy();
      }
      say("less room", Files.getFileStore(file).getUsableSpace() < left);
    }
  }

  private static long linesOfALogThatGrows(CapturedLog log) {
    return log.lines().stream().filter(line -> line.contains("grows for now")).count();
  }

  /** Another program reads, and keeps the log from being begun anew, until the disk is full. */
  private void read() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      insert(journal, 1);
      try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = reader.createStatement()) {
        statement.execute("BEGIN");
        statement.executeQuery("SELECT count(*) FROM activation").close();
        int groups = 0;
        for (int at = ROWS + 1; refusal(journal, Groups.insertPending(at, at, 100)) == null; at++) {
          groups++;
        }
        say("some groups", groups > 100);
        handOut(journal, 4 * ROWS, 0);
      }
      say("refused", handOut(journal, 4 * ROWS, 0));
    }
  }

  /** A broker is killed, and started while the disk is full. */
  private void open() throws Exception {
    long written;
    try (OtherProcess killed = OtherProcess.start("write", file)) {
      written = Long.parseLong(killed.lineWith("200"));
      killed.kill();
    }
    disk.leave(0);
    try (SqliteJournal journal = Groups.open(file)) {
      say("opened", Groups.keys(journal).size() >= written);
    }
  }

  private void upgrade() throws Exception {
    store();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP VIEW " + Schema.VIEW);
      statement.execute("ALTER TABLE activation DROP COLUMN last_group");
      for (String column :
          List.of(
              "status INTEGER NOT NULL DEFAULT 1",
              "due_at INTEGER",
              "claim_purpose INTEGER",
              "attempts INTEGER NOT NULL DEFAULT 0",
              "retry_max_attempts INTEGER",
              "retry_delay_sec INTEGER",
              "parked TEXT")) {
        statement.execute("ALTER TABLE activation ADD COLUMN " + column);
      }
      statement.execute("DROP TABLE progress");
      statement.execute("DROP TABLE standing_order");
      statement.execute("CREATE VIEW inflight_taskactivations AS SELECT id FROM activation");
      statement.execute("PRAGMA user_version = 2");
    }
    disk.leave(0);
    sayOpened();
    disk.resize(size);
    sayOpened();
  }

  private void importing() throws Exception {
    try (ReferenceFile reference = ReferenceFile.create(file, ReferenceFile.NEWEST)) {
      for (int row = 0; row < ROWS; row++) {
        reference.row("id-" + row, "Pending").insert();
      }
    }
    disk.leave(LEFT_BYTES);
    sayOpened();
    disk.resize(size);
    sayOpened();
  }

  private interface Tool {
    void write(Path out) throws IOException;
  }

  private void tool(Tool tool) throws IOException {
    store();
    Path out = file.resolveSibling("out.sqlite");
    disk.leave(LEFT_BYTES);
    try {
      tool.write(out);
    } catch (UnusableFileException e) {
      say("told", String.valueOf(e.getMessage()));
    }
    say("out", Files.exists(out) || Files.exists(StoreFile.draftOf(out)));
    disk.resize(size);
    tool.write(out);
    say("out", Files.exists(out));
    sayStored();
  }

  private void store() {
    try (SqliteJournal journal = Groups.open(file)) {
      insert(journal, 1);
    }
  }

  private static void insert(Journal journal, long first) {
    for (long key = first; key < first + ROWS; key += 100) {
      Groups.apply(journal, Groups.insertPending(key, key + 99, PAYLOAD_BYTES));
    }
  }

  /** One by one; returns how many were refused, at most so many. */
  private static int handOut(Journal journal, int groups, int mostRefused) {
    int refused = 0;
    for (int i = 0; i < groups && refused <= mostRefused; i++) {
      if (refusal(journal, Groups.handOut(i % ROWS + 1, i)) != null) {
        refused++;
      }
    }
    return refused;
  }

  private static @Nullable String refusal(Journal journal, JournalGroup group) {
    try {
      Groups.apply(journal, group);
      return null;
    } catch (JournalException.NothingChanged e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void sayOpened() {
    try {
      SqliteJournal.open(
              Groups.settings(file),
              new SettableTime(),
              EventSink.none(),
              new ReferenceFiles(new ImportSettings("tasks", new PlainCodec())))
          .close();
      sayStored();
    } catch (UnusableFileException e) {
      say("told", String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
      say("draft", Files.exists(StoreFile.draftOf(file)));
    }
  }

  private void sayStored() {
    try (SqliteJournal journal = Groups.open(file)) {
      say("stored", Groups.keys(journal).size());
    }
  }
}
