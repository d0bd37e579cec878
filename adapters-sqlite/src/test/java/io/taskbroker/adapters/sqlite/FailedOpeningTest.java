package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.taskbroker.application.EventSink;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedOpeningTest {
  @TempDir Path folder;

  /** Its folder goes as soon as all of them are open. */
  private static final class Deserted extends Connections {
    private final Path folder;
    private final List<Connection> opened = new ArrayList<>();
    private final List<HikariDataSource> pools = new ArrayList<>();

    Deserted(Path folder, Path file) {
      super(file);
      this.folder = folder;
    }

    @Override
    Connection openWriter() throws SQLException {
      opened.add(super.openWriter());
      return opened.getLast();
    }

    @Override
    Connection openCheckpointer() throws SQLException {
      opened.add(super.openCheckpointer());
      return opened.getLast();
    }

    @Override
    HikariDataSource openReaders() {
      pools.add(super.openReaders());
      try {
        Files.move(folder, folder.resolveSibling("elsewhere"));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot move " + folder, e);
      }
      return pools.getLast();
    }
  }

  @Test
  void folderThatCannotBeSynced_leavesNothingOpen() throws Exception {
    Path here = Files.createDirectory(folder.resolve("here")).toRealPath();
    Path file = here.resolve("store.sqlite");
    var connections = new Deserted(here, file);

    assertThatThrownBy(
            () ->
                SqliteJournal.open(
                    Groups.settings(file),
                    new SettableTime(),
                    EventSink.none(),
                    Importer.NONE,
                    _ -> connections))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("cannot be opened");

    assertThat(connections.pools).hasSize(1).allMatch(HikariDataSource::isClosed);
    assertThat(connections.opened).hasSize(2);
    for (Connection connection : connections.opened) {
      assertThat(connection.isClosed()).isTrue();
    }
  }
}
