package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlitePathTest {
  @ParameterizedTest
  @CsvSource({
    "./store.sqlite, ./store.sqlite",
    "/data/a b.sqlite, /data/a b.sqlite",
    "/data/50%25.sqlite, /data/50%25.sqlite",
    "sqlite:store.sqlite, store.sqlite",
    "sqlite:/data/x.sqlite, /data/x.sqlite",
    "sqlite:///data/x.sqlite, /data/x.sqlite",
    "sqlite://relative/x.sqlite, relative/x.sqlite",
    "sqlite:///data/a%20b+c.sqlite, /data/a b+c.sqlite",
    "sqlite:///data/x.sqlite?mode=rwc, /data/x.sqlite",
    "/data/x.sqlite?mode=rw, /data/x.sqlite",
    "/data/x.sqlite?, /data/x.sqlite",
  })
  void eachFormNamesItsFile(String text, Path file) {
    assertThat(SqlitePath.parse(text)).isEqualTo(file);
  }

  @ParameterizedTest
  @CsvSource({
    ":memory:, would lose every task",
    "sqlite::memory:, would lose every task",
    "sqlite://:memory:, would lose every task",
    "x.sqlite?mode=memory, would lose every task",
    "x.sqlite?mode=ro, remove mode=ro",
    "x.sqlite?cache=shared, unknown option 'cache=shared'",
    "sqlite:, names no file",
    "'', names no file",
  })
  void whatCouldKeepNoTaskIsRefusedWithARemedy(String text, String problem) {
    assertThatThrownBy(() -> SqlitePath.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining(problem);
  }
}
