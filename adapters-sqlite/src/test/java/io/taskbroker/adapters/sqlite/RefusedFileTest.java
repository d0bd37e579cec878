package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.EventSink;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no healthy store of ours are refused, and left as they are. */
class RefusedFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("store.sqlite");
  }

  @Test
  void textIsRefused() throws Exception {
    Files.writeString(file, "Dear diary, ".repeat(100));

    assertRefused("is no SQLite database", "move it away");
  }

  @Test
  void aFileShorterThanAHeaderIsRefused() throws Exception {
    Files.writeString(file, "SQLite format 3\0", StandardCharsets.US_ASCII);

    assertRefused("is no SQLite database", "move it away");
  }

  @Test
  void theDatabaseOfAnotherProgramIsRefused() throws Exception {
    sql("CREATE TABLE song (title TEXT)", "INSERT INTO song VALUES ('x')");

    assertRefused("is a SQLite database of another program", "store.sqlite.path");
  }

  @Test
  void theDatabaseOfAnotherProgramIsRefused_alsoWhileItWritesToItsLog() throws Exception {
    try (Connection other = connect();
        Statement statement = other.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("CREATE TABLE song (title TEXT)");

      assertRefused("is a SQLite database of another program", "store.sqlite.path");
    }
  }

  @Test
  void theDatabaseOfAProgramWithAnIdIsRefused() throws Exception {
    sql("PRAGMA application_id = 77", "CREATE TABLE inflight_taskactivations (id TEXT)");

    assertRefused("is a SQLite database of another program", "store.sqlite.path");
  }

  @Test
  void aFileThatOnlyLooksLikeTheReferencesIsRefused() throws Exception {
    sql("PRAGMA journal_mode = WAL", "CREATE TABLE inflight_taskactivations (id TEXT) STRICT");

    assertRefused("lacks activation, added_at, at_most_once,", "restore it from a backup");
  }

  @Test
  void aFileOfANewerReferenceIsRefused() throws Exception {
    createReference();
    sql("INSERT INTO _sqlx_migrations VALUES (7, 'add mood', 0, TRUE, x'00', 1)");

    assertRefused("was written by a newer reference broker (migration 7,", "a newer version");
  }

  @Test
  void aFileInTheMiddleOfAMigrationIsRefused() throws Exception {
    createReference();
    sql("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 6");

    assertRefused("in the middle of a migration", "let the reference broker finish");
  }

  @Test
  void aDamagedFileOfTheReferenceIsRefused() throws Exception {
    createReference();
    overwrite(4 * 4_096L, (int) (Files.size(file) - 4 * 4_096L));

    assertRefused("is damaged", "restore it from a backup");
  }

  @Test
  void aFileOfTheReferenceThatIsCutShortIsRefused() throws Exception {
    createReference();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 4_096);
    }

    assertRefused("is cut short", "restore it from a backup");
  }

  @Test
  void aNewerFileIsRefused() throws Exception {
    createStore(1);
    sql("PRAGMA user_version = " + (Schema.VERSION + 1));

    assertRefused(
        "was written by a newer broker (schema version %d, this one knows %d)"
            .formatted(Schema.VERSION + 1, Schema.VERSION),
        "start that version");
  }

  @Test
  void aFileThatLacksATableIsRefused() throws Exception {
    createStore(1);
    sql("DROP TABLE position");

    assertRefused("lacks its table position", "restore it from a backup");
  }

  @Test
  void aFileThatIsCutShortIsRefused() throws Exception {
    createStore(100);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - Schema.PAGE_BYTES);
    }

    assertRefused("is cut short", "restore it from a backup");
  }

  @Test
  void aFileWhoseFirstPageIsDamagedIsRefused() throws Exception {
    createStore(100);
    overwrite(100, 1_000);

    assertRefused("is damaged", "restore it from a backup");
  }

  @Test
  void damageThatLeavesNoRowIsFinal_andTheFileIsLeftAsItIs() throws Exception {
    createStore(2_000);
    overwrite(rootPageOf("activation") * Schema.PAGE_BYTES, Schema.PAGE_BYTES);
    Map<String, byte[]> before = content();

    SqliteJournal journal = Groups.open(file);
    assertThatThrownBy(() -> Groups.keys(journal))
        .isInstanceOf(JournalException.Final.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("taskbroker salvage " + file)
        .hasMessageContaining("restore it from a backup");
    assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(9_001, 9_001, 10)))
        .isInstanceOf(JournalException.Final.class);
    journal.close();

    assertThat(Files.readAllBytes(file)).isEqualTo(before.get("store.sqlite"));
  }

  @Test
  void afterDamageTheLogIsLeftToTheNextProcess() throws Exception {
    killedWhileWriting();
    overwrite(rootPageOf("position") * Schema.PAGE_BYTES, Schema.PAGE_BYTES);
    Map<String, byte[]> before = content();
    assertThat(before.get("store.sqlite-wal")).isNotEmpty();

    SqliteJournal journal = Groups.open(file);
    assertThatThrownBy(() -> Groups.keys(journal)).isInstanceOf(JournalException.Final.class);
    journal.close();

    assertThat(content()).containsAllEntriesOf(before);
  }

  @Test
  void aLogWithoutItsDatabaseIsRefused() throws Exception {
    Files.writeString(folder.resolve("store.sqlite-wal"), "some frames");

    assertRefused("its log", "restore the database file");
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "8, 16", "28, 4"})
  void aDamagedLogIsRefused_sinceItMayHoldWhatTheDatabaseLacks(long from, int bytes)
      throws Exception {
    killedWhileWriting();
    overwrite(log(), from, bytes);

    assertRefused("its log " + log() + " is damaged", "restore both files");
  }

  @Test
  void aLogThatIsNoneIsRefused() throws Exception {
    createStore(3);
    Files.writeString(log(), "Dear diary, ".repeat(100));

    assertRefused("its log " + log() + " is damaged, or no log of SQLite", "move the log away");
  }

  @Test
  void aFolderInPlaceOfTheLogIsRefused() throws Exception {
    createStore(3);
    Files.createDirectory(log());

    assertThatThrownBy(this::open)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("its log " + log() + " is not a file");
  }

  @Test
  void theLogOfAnotherDatabaseIsRefused() throws Exception {
    createStore(3);
    Path other = folder.resolve("other.sqlite");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + other);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA page_size = 8192");
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("CREATE TABLE song (title TEXT)");
      Files.copy(LogSync.of(other), log());
    }

    assertRefused("its log " + log() + " is that of another database", "restore both files");
  }

  /** As a power cut leaves it that came before anything in it was synced. */
  @ParameterizedTest
  @ValueSource(ints = {10, 100_000})
  void aLogThatWasNeverSyncedHoldsNothing(int bytes) throws Exception {
    createStore(3);
    Files.write(log(), new byte[bytes]);

    createStore(4, 1);

    assertThat(OtherProcess.count(file)).isEqualTo(4);
  }

  /** The log may hold what the file lacks, so its length says nothing. */
  @Test
  void whatAFileLacksThatIsCutShortBesideALogIsNamed() throws Exception {
    createStore(100_001, 2_000);
    killedWhileWriting();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(20L * Schema.PAGE_BYTES);
    }

    try (CapturedLog log = new CapturedLog("taskbroker::store");
        SqliteJournal journal = Groups.open(file)) {
      assertThat(Groups.keys(journal)).isNotEmpty();
      assertThat(log.lines())
          .anySatisfy(line -> assertThat(line).contains(file + " is damaged", "salvage"));
    }
  }

  @Test
  void whatIsNeitherFileNorFolderIsRefused() throws Exception {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(file)); // as with a device, its size is 0

      assertThatThrownBy(this::open)
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining("is not a file");
      assertThat(Files.readAttributes(file, BasicFileAttributes.class).isOther()).isTrue();
    }
  }

  @Test
  void aLinkThatLeadsNowhereIsRefused() throws Exception {
    Files.createSymbolicLink(file, folder.resolve("gone.sqlite"));

    assertThatThrownBy(this::open)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining(file + " is a link that leads nowhere");
  }

  @Test
  void aNameThatTheDriverWouldCutShortIsRefused() {
    assertThatThrownBy(() -> Groups.open(folder.resolve("what?.sqlite")))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("has a '?' in it");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aReadOnlyFileIsRefused() throws Exception {
    createStore(1);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeThat(Files.isWritable(file)).as("root may write to everything").isFalse();

    assertRefused("is read-only", "write permission");
  }

  @Test
  void aFolderInPlaceOfTheFileIsRefused() throws Exception {
    Files.createDirectory(file);

    assertThatThrownBy(() -> Groups.open(file))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("is not a file");
  }

  @Test
  void aMissingFolderIsNotMade() {
    Path lost = folder.resolve("missing").resolve("store.sqlite");

    assertThatThrownBy(() -> Groups.open(lost))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("The folder " + lost.getParent() + " does not exist")
        .hasMessageContaining("install -d -o USER " + lost.getParent());
    assertThat(lost.getParent()).doesNotExist();
  }

  @Test
  void anEmptyFileBecomesAStore() throws Exception {
    Files.createFile(file);

    createStore(1);

    assertThat(OtherProcess.count(file)).isEqualTo(1);
  }

  @Test
  void aDraftThatACrashLeftIsMadeAnew() throws Exception {
    Files.writeString(folder.resolve("store.sqlite.new"), "half a store");

    createStore(1);

    assertThat(folder.resolve("store.sqlite.new")).doesNotExist();
  }

  @Test
  void aRefusedFileMayBeOpenedOnceItIsPutRight() throws Exception {
    Files.writeString(file, "Dear diary");
    assertThatThrownBy(() -> Groups.open(file)).isInstanceOf(UnusableFileException.class);
    Files.delete(file);

    createStore(1);
  }

  private void assertRefused(String problem, String remedy) throws IOException {
    Map<String, byte[]> before = content();

    assertThatThrownBy(this::open)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(problem)
        .hasMessageContaining(remedy);

    assertThat(content()).containsExactlyEntriesOf(before);
  }

  /** As the broker does, which imports files of the reference. */
  private void open() {
    SqliteJournal.open(
            Groups.settings(file),
            new SettableTime(),
            EventSink.none(),
            new ReferenceFiles(new ImportSettings("t", new PlainCodec())))
        .close();
  }

  private void createReference() throws SQLException {
    try (ReferenceFile reference = ReferenceFile.create(file, ReferenceFile.NEWEST)) {
      for (int i = 0; i < 100; i++) {
        reference.row("id-" + i, "Pending").insert();
      }
    }
  }

  /** What is there, but for the lock, who held it, and the index of a log, which hold no task. */
  private Map<String, byte[]> content() throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.toList()) {
        String name = path.getFileName().toString();
        if (!name.endsWith(".lock") && !name.endsWith(".owner") && !name.endsWith("-shm")) {
          content.put(name, Files.readAllBytes(path));
        }
      }
    }
    return content;
  }

  private void createStore(int rows) {
    createStore(1, rows);
  }

  private void createStore(long firstKey, int rows) {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(firstKey, firstKey + rows - 1, 500));
    }
  }

  /** Leaves a log with rows that the database lacks. */
  private void killedWhileWriting() throws IOException {
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      writer.line();
    }
    assertThat(log()).isNotEmptyFile();
  }

  private Path log() {
    return LogSync.of(file);
  }

  /** Counted from 0. Does not touch the log. */
  private long rootPageOf(String table) throws SQLException {
    try (Connection connection = Readers.openForInspection(file, true);
        PreparedStatement select =
            connection.prepareStatement("SELECT rootpage - 1 FROM sqlite_schema WHERE name = ?")) {
      select.setString(1, table);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private void overwrite(long from, int bytes) throws IOException {
    overwrite(file, from, bytes);
  }

  private static void overwrite(Path path, long from, int bytes) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
      raw.seek(from);
      raw.write(new byte[bytes]);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
