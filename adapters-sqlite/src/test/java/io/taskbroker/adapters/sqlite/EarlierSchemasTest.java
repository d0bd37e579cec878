package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A file of each schema that was ever ours opens, and is brought up to the present one. {@code
 * schema-N.sql} is what the broker of that time wrote; it is never changed.
 */
class EarlierSchemasTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("store.sqlite");
  }

  static IntStream everyVersion() {
    return IntStream.rangeClosed(1, Schema.VERSION);
  }

  /** Bringing it up reads all rows, which serving it would do without those that are damaged. */
  @Test
  void aDamagedFileOfAnEarlierVersion_isToBeSalvaged() throws Exception {
    create(7);
    DamagedPages.withText(file, "too large");

    assertThatThrownBy(() -> Groups.open(file))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("taskbroker salvage " + file);
  }

  @ParameterizedTest
  @MethodSource("everyVersion")
  void aFileOfEachVersionOpensWithAllThatIsInIt(int version) throws Exception {
    create(version);

    List<StoredActivation> rows = new ArrayList<>();
    Map<Partition, Long> positions = new HashMap<>();
    Map<Long, byte[]> payloads;
    try (SqliteJournal journal = Groups.open(file)) {
      journal.load(positions::putAll, rows::add);
      payloads = journal.payloads(rows.stream().map(StoredActivation::key).toList());
    }

    assertThat(rows)
        .extracting(row -> row.key() + " " + row.state().getClass().getSimpleName())
        .containsExactly(
            "1 Delayed",
            "2 Pending",
            "3 Claimed",
            "4 Claimed",
            "5 Processing",
            "6 AwaitingRetry",
            "7 Failed",
            "8 Completed");
    assertThat(rows.get(5).parked()).isEqualTo("too large");
    assertThat(rows.get(6).activation().defect()).isEqualTo("no task");
    assertThat(positions).containsExactly(Map.entry(new Partition("tasks", 3), 104L));
    assertThat(payloads).containsOnlyKeys(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(payloads.get(7L)).isEqualTo("payload 7".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("everyVersion")
  void afterwardsItIsLikeANewFile(int version) throws Exception {
    create(version);
    Path fresh = folder.resolve("fresh.sqlite");

    Groups.open(file).close();
    Groups.open(fresh).close();

    assertThat(shape(file)).isEqualTo(shape(fresh));
    assertThat(OtherProcess.count(file)).isEqualTo(6);
  }

  @Test
  void aStepThatFailsLeavesTheFileAsItWas() throws Exception {
    create(1);
    List<String> before = shape(file);
    List<List<String>> steps =
        List.of(
            List.of("ALTER TABLE activation ADD COLUMN mood TEXT"),
            List.of("ALTER TABLE activation ADD COLUMN mood TEXT"));

    assertThatThrownBy(() -> SchemaUpgrade.run(file, new Connections(file), steps))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("mood");

    assertThat(shape(file)).isEqualTo(before);
  }

  @Test
  void stepsAreDoneFromTheVersionOnThatTheFileHas() throws Exception {
    create(1);
    List<List<String>> steps =
        everyVersion()
            .mapToObj(
                step -> step(step, "ALTER TABLE activation ADD COLUMN mood_" + step + " TEXT"))
            .toList();

    SchemaUpgrade.run(file, new Connections(file), steps.subList(0, 1));
    SchemaUpgrade.run(file, new Connections(file), steps);

    int later = Schema.VERSION + 1;
    assertThat(shape(file))
        .contains("version " + later, "activation mood_1 TEXT", "activation mood_2 TEXT");
    assertThatThrownBy(() -> Groups.open(file).close())
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("newer broker (schema version " + later);
  }

  /** The first one makes the table that the view, which each upgrade makes anew, reads. */
  private static List<String> step(int number, String sql) {
    return number == 1 ? List.of(Schema.PROGRESS, sql) : List.of(sql);
  }

  private void create(int version) throws Exception {
    String name = "schema-" + version + ".sql";
    try (InputStream text = EarlierSchemasTest.class.getResourceAsStream(name);
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      assertThat(text).as(name + " beside this test").isNotNull();
      String script = new String(text.readAllBytes(), StandardCharsets.UTF_8);
      for (String sql : script.strip().split(";\n", -1)) {
        statement.execute(sql);
      }
    }
  }

  /** Version, columns and objects of a file. */
  private static List<String> shape(Path file) throws SQLException {
    List<String> shape = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      read(statement, "SELECT 'version ' || user_version FROM pragma_user_version", shape);
      read(
          statement,
          """
          SELECT o.name || ' ' || c.name || ' ' || c.type
            FROM sqlite_schema o, pragma_table_xinfo(o.name) c
           ORDER BY o.name, c.cid""",
          shape);
    }
    return shape;
  }

  private static void read(Statement statement, String sql, List<String> into) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        into.add(rows.getString(1));
      }
    }
  }
}
