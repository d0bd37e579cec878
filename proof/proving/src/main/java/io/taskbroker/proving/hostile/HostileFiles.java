package io.taskbroker.proving.hostile;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.TaskMessages;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Store files that are damaged, or somebody else's: a broker says so and leaves them alone. */
final class HostileFiles {
  private static final String TOPIC = "hostile-files";
  private static final int TASKS = 400;
  private static final int PAYLOAD_BYTES = 4_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final byte[] DIARY =
      "this was a database once".repeat(1_000).getBytes(StandardCharsets.US_ASCII);

  private final Stage stage;
  private final String kafka;
  private static final int PAGE_BYTES = 4_096;

  private final Verdict verdict;
  private final FailingStarts starts;

  /** A store whose broker was killed, so that much of it is in the log only. */
  private final Path killed;

  /** The same after an orderly stop, without a log. */
  private final Path stopped;

  HostileFiles(Stage stage, String kafka, Verdict verdict) {
    this.stage = stage;
    this.kafka = kafka;
    this.verdict = verdict;
    this.starts = new FailingStarts(stage, verdict);
    this.killed = stage.folder().resolve("killed.sqlite");
    this.stopped = stage.folder().resolve("stopped.sqlite");
  }

  @FunctionalInterface
  private interface Damage {
    void to(Path store) throws IOException;
  }

  void play() {
    makeTemplates();
    refused("corrupt store file", null, file -> Files.write(file, DIARY), "is no SQLite database");
    refused(
        "store file damaged behind its beginning", stopped, HostileFiles::blankTables, "salvage");
    refused("store file cut short", stopped, HostileFiles::cut, "is cut short");
    refused(
        "foreign store file",
        null,
        file -> execute(file, "CREATE TABLE photos (id INTEGER PRIMARY KEY, name TEXT)"),
        "another program");
    refused(
        "newer store file",
        stopped,
        file -> execute(file, "PRAGMA user_version = 9999"),
        "newer broker");
    refused(
        "log that is none",
        stopped,
        file -> Files.write(log(file), DIARY),
        "is damaged, or no log of SQLite");
    refused("damaged log", killed, file -> overwrite(log(file), 8, 16), "restore both files");
    refused(
        "log without its store file", killed, Files::delete, "is missing or empty, but its log");
    refused("folder in place of the store file", null, Files::createDirectory, "is not a file");
    refused(
        "link that leads nowhere",
        null,
        file -> Files.createSymbolicLink(file, file.resolveSibling("gone")),
        "leads nowhere");
    emptyFile();
  }

  private void makeTemplates() {
    BrokerSetup settings =
        BrokerSetup.of(stage.folder().resolve("templates"), kafka, TOPIC)
            .with("create_missing_topics", true);
    try (Topics topics = Topics.at(kafka);
        RawTopic topic = new RawTopic(kafka, TOPIC)) {
      topics.create(TOPIC, 1);
      TaskKind kind = TaskKind.quick("hostile.file");
      Ledger ledger = new Ledger();
      TaskMessages tasks = new TaskMessages("proving", PAYLOAD_BYTES);
      for (int i = 0; i < TASKS; i++) {
        topic.send(tasks.of(kind, ledger.open(kind)).toByteArray());
      }
    }
    try (BrokerProcess broker = BrokerProcess.start(settings)) {
      Waiting.until("all is stored", PATIENCE, () -> rows(settings.store()) == TASKS);
      broker.kill();
    }
    copy(settings.store(), killed);
    try (BrokerProcess broker = BrokerProcess.start(settings)) {
      broker.stop(ProcessSignal.TERM);
    }
    copy(settings.store(), stopped);
  }

  private static long rows(Path store) {
    try (StoreWindow view = StoreWindow.open(store)) {
      return view.count();
    }
  }

  private void refused(String what, @Nullable Path template, Damage damage, String words) {
    BrokerSetup settings = fresh(what);
    try {
      Files.createDirectories(settings.folder());
      if (template != null) {
        copy(template, settings.store());
      }
      damage.to(settings.store());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + settings.store(), e);
    }
    Map<String, byte[]> before = content(settings);
    starts.of(what, settings, List.of(words, settings.store().getFileName().toString()));
    Map<String, byte[]> after = content(settings);
    boolean touched =
        !before.keySet().equals(after.keySet())
            || before.keySet().stream()
                .anyMatch(name -> !Arrays.equals(before.get(name), after.get(name)));
    if (touched) {
      stage.say("      touched: " + before.keySet() + " have become " + after.keySet());
      verdict.expect(what.replace(' ', '_') + "_touched", 0, 1);
    }
  }

  /** As {@code touch} makes it. */
  private void emptyFile() {
    BrokerSetup settings = fresh("empty store file");
    try {
      Files.createDirectories(settings.folder());
      Files.createFile(settings.store());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + settings.store(), e);
    }
    try (BrokerProcess broker = BrokerProcess.start(settings)) {
      stage.say("empty store file: becomes a store, and is served");
      verdict.expect("empty_store_file_served", 0, broker.stop(ProcessSignal.TERM).code());
    }
  }

  private BrokerSetup fresh(String what) {
    return BrokerSetup.of(stage.folder().resolve(what.replace(' ', '-')), kafka, TOPIC);
  }

  /** What is there, but for what starts leave: lock, settings, output, an index, an empty log. */
  private static Map<String, byte[]> content(BrokerSetup settings) {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> paths = Files.list(settings.folder())) {
      for (Path path : paths.toList()) {
        String name = path.getFileName().toString();
        if (name.startsWith("inflight.sqlite") && !isLeft(path)) {
          content.put(name, Files.isRegularFile(path) ? Files.readAllBytes(path) : new byte[0]);
        }
      }
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + settings.folder(), e);
    }
  }

  private static boolean isLeft(Path path) throws IOException {
    String name = path.getFileName().toString();
    return name.matches(".*(\\.lock|\\.owner|-shm)")
        || (name.endsWith("-wal") && Files.size(path) == 0);
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
      if (Files.exists(log(from))) {
        Files.copy(log(from), log(to));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + from, e);
    }
  }

  private static Path log(Path store) {
    return store.resolveSibling(store.getFileName() + "-wal");
  }

  /** All but the first page, which names the tables. */
  private static void blankTables(Path file) throws IOException {
    overwrite(file, PAGE_BYTES, (int) Files.size(file) - PAGE_BYTES);
  }

  private static void cut(Path file) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() / 2);
    }
  }

  private static void overwrite(Path file, long from, int bytes) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(from);
      raw.write(new byte[bytes]);
    }
  }

  private static void execute(Path file, String sql) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot prepare " + file, e);
    }
  }
}
