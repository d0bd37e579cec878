package io.taskbroker.settings;

import io.taskbroker.adapters.sqlite.FileMode;
import io.taskbroker.adapters.sqlite.SqlitePath;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What the broker keeps, how much of it, and where. */
final class StoreKeys {
  /** Which store holds the tasks. */
  enum Adapter {
    SQLITE,
    POSTGRES
  }

  private static final Type<Path> SQLITE_FILE =
      new Type<>("the path of a file", StoreKeys::sqliteFile, Path::toString);

  static final Setting<Adapter> ADAPTER =
      Setting.of("store.adapter", Type.oneOf(Adapter.class), Adapter.SQLITE)
          .formerly("database_adapter")
          .means(
              "Where tasks are kept: `sqlite` for a file of the broker's own, `postgres` for a"
                  + " database that several brokers share.");
  static final Setting<Duration> INSERT_FAILURE_BACKOFF =
      Setting.of("store.insert_failure_backoff_ms", DurationTypes.MILLIS, Duration.ofSeconds(4))
          .formerly("db_write_failure_backoff_ms")
          .means("The rest after the store failed to take a batch.");
  static final Setting<Long> INSERT_BATCH_MAX_LENGTH =
      Setting.of("store.insert_batch_max_length", NumberTypes.COUNT, 256L)
          .must("be at least 1", rows -> rows >= 1)
          .formerly("db_insert_batch_max_len")
          .means("Most tasks that enter the store at once.");
  static final Setting<Long> INSERT_BATCH_MAX_BYTES =
      Setting.of("store.insert_batch_max_bytes", NumberTypes.COUNT, 16_000_000L)
          .formerly("db_insert_batch_max_size")
          .means("Bytes of tasks after which a batch is closed.");
  static final Setting<Duration> INSERT_BATCH_MAX_TIME =
      Setting.of("store.insert_batch_max_time_ms", DurationTypes.MILLIS, Duration.ofSeconds(1))
          .must("be at least 1", Duration::isPositive)
          .formerly("db_insert_batch_max_time_ms")
          .idle()
          .means("A batch never waits for more.");
  static final Setting<Long> MAX_SIZE =
      Setting.optional("store.max_size", NumberTypes.COUNT, 3_000_000_000L)
          .formerly("db_max_size")
          .means("Bytes that the store may take before intake pauses; empty for no limit.");
  static final Setting<Long> MAX_WAL_SIZE =
      Setting.of("store.max_wal_size", NumberTypes.COUNT, 536_870_912L)
          .must("be at least 67108864 (64 MiB)", bytes -> bytes >= 67_108_864)
          .means("Bytes that the write-ahead log may take before intake pauses.");
  static final Setting<Long> MAX_PENDING_COUNT =
      Setting.of("store.max_pending_count", NumberTypes.COUNT, 2048L)
          .formerly("max_pending_count")
          .means("Most tasks that wait for a worker.");
  static final Setting<Long> MAX_DELAY_COUNT =
      Setting.of("store.max_delay_count", NumberTypes.COUNT, 8192L)
          .formerly("max_delay_count")
          .means("Most tasks that wait for their time, of those due within an hour.");
  static final Setting<Long> MAX_PROCESSING_COUNT =
      Setting.of("store.max_processing_count", NumberTypes.COUNT, 2048L)
          .formerly("max_processing_count")
          .means("Most tasks with workers, above which intake pauses.");
  static final Setting<Long> MAX_OUTBOX_COUNT =
      Setting.of("store.max_outbox_count", NumberTypes.COUNT, 65_536L)
          .must("be at least 1", rows -> rows >= 1)
          .means("Most tasks that have to leave through Kafka, above which intake pauses.");
  static final Setting<Long> MAX_PROCESSING_ATTEMPTS =
      Setting.of("store.max_processing_attempts", NumberTypes.COUNT, 5L)
          .formerly("max_processing_attempts")
          .means("Missed deadlines after which a task has failed.");
  static final Setting<Duration> PROCESSING_DEADLINE_GRACE =
      Setting.of(
              "store.processing_deadline_grace_sec", DurationTypes.SECONDS, Duration.ofSeconds(3))
          .formerly("processing_deadline_grace_sec")
          .means("Added to each task's own deadline.");
  static final Setting<Boolean> SYNC_EVERY_COMMIT =
      Setting.of("store.sync_every_commit", Type.FLAG, false)
          .means(
              "Whether a power cut, too, leaves claims and outcomes in place. Without it, it may"
                  + " repeat work, but never loses any.");
  static final Setting<Duration> KEEP_FAILED_FOR =
      Setting.of("store.keep_failed_for", DurationTypes.DURATION_TEXT, Keeping.DEFAULT.failedFor())
          .means(
              "How long failed tasks whose producer wants no dead letter are kept with their"
                  + " payload, so that they can be looked at and tried again; 0s for not at all.");
  static final Setting<Long> KEEP_FAILED_COUNT =
      Setting.of("store.keep_failed_count", NumberTypes.COUNT, (long) Keeping.DEFAULT.failed())
          .must("be at most 1000000", tasks -> tasks <= 1_000_000)
          .means(
              "Most failed tasks that are kept so; the oldest go first, also above 256 MiB of"
                  + " payload.");
  static final Setting<Duration> KEEP_ENDED_FOR =
      Setting.of("store.keep_ended_for", DurationTypes.DURATION_TEXT, Keeping.DEFAULT.endedFor())
          .means("How long it is remembered, in memory, how and when a task ended.");
  static final Setting<Long> KEEP_ENDED_COUNT =
      Setting.of("store.keep_ended_count", NumberTypes.COUNT, (long) Keeping.DEFAULT.ended())
          .must("be at most 1000000", tasks -> tasks <= 1_000_000)
          .means("Most tasks of which that is remembered; some 0.5 KB of memory each.");
  static final Setting<Path> SQLITE_PATH =
      Setting.of("store.sqlite.path", SQLITE_FILE, Path.of("./taskbroker-inflight.sqlite"))
          .must("name a file", file -> !file.toString().isBlank())
          .formerly("db_path")
          .means("The file; created if it is missing. Its folder must exist.");
  static final Setting<Boolean> SQLITE_STATUS_METRICS =
      Setting.of("store.sqlite.enable_status_metrics", Type.FLAG, true)
          .formerly("enable_sqlite_status_metrics")
          .idle()
          .means("The SQLite driver does not show these figures.");
  static final Setting<Long> SQLITE_VACUUM_PAGES =
      Setting.optional("store.sqlite.vacuum_page_count", NumberTypes.COUNT)
          .must("be at least 1", pages -> pages >= 1)
          .formerly("vacuum_page_count")
          .means("Most free pages that are given back in one step; empty for a good number.");
  static final Setting<FileMode> SQLITE_FILE_MODE =
      Setting.of(
              "store.sqlite.file_mode",
              new Type<>("a mode such as 0640", StoreKeys::fileMode, FileMode::toString),
              FileMode.DEFAULT)
          .means("Who may read and write the file and its companions, as chmod takes it.");
  private static final List<Setting<?>> OWN =
      List.of(
          ADAPTER,
          MAX_PENDING_COUNT,
          MAX_DELAY_COUNT,
          MAX_PROCESSING_COUNT,
          MAX_OUTBOX_COUNT,
          MAX_SIZE,
          MAX_WAL_SIZE,
          MAX_PROCESSING_ATTEMPTS,
          PROCESSING_DEADLINE_GRACE,
          SYNC_EVERY_COMMIT,
          KEEP_FAILED_FOR,
          KEEP_FAILED_COUNT,
          KEEP_ENDED_FOR,
          KEEP_ENDED_COUNT,
          INSERT_BATCH_MAX_LENGTH,
          INSERT_BATCH_MAX_BYTES,
          INSERT_BATCH_MAX_TIME,
          INSERT_FAILURE_BACKOFF,
          SQLITE_PATH,
          SQLITE_FILE_MODE,
          SQLITE_STATUS_METRICS,
          SQLITE_VACUUM_PAGES);

  static final List<Setting<?>> ALL =
      Stream.concat(OWN.stream(), PostgresKeys.ALL.stream()).toList();

  private StoreKeys() {}

  private static FileMode fileMode(Node node) throws Type.Unfit {
    if (node instanceof Node.Whole(BigInteger number, _)) {
      throw new Type.Unfit("Write it with a leading zero, as 0" + number);
    }
    try {
      return FileMode.parse(TextTypes.TEXT.parser().parse(node));
    } catch (IllegalArgumentException e) {
      throw new Type.Unfit(String.valueOf(e.getMessage()));
    }
  }

  private static Path sqliteFile(Node node) throws Type.Unfit {
    String text = TextTypes.TEXT.parser().parse(node);
    try {
      return SqlitePath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Type.Unfit(String.valueOf(e.getMessage()));
    }
  }
}
