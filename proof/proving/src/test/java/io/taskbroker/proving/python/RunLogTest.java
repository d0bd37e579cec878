package io.taskbroker.proving.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir Path folder;

  @Test
  void aLineThatIsBeingWritten_doesNotCountYet() throws IOException {
    Path file = folder.resolve("runs");
    Files.writeString(file, "ran mail 0\nran mai");
    assertThat(RunLog.read(file).runs("mail")).isEqualTo(1);

    Files.writeString(file, "ran mail 0\nran mail 1\n");
    assertThat(RunLog.read(file).runs("mail")).isEqualTo(2);
  }

  @Test
  void beforeAnythingRan_thereAreNoLines() throws IOException {
    Path file = folder.resolve("runs");
    assertThat(RunLog.read(file).runs("mail")).isZero();

    Files.writeString(file, "ran");
    assertThat(RunLog.read(file).runs("mail")).isZero();
  }

  @Test
  void theSummary_countsTasksAndNotRuns() {
    RunLog log = RunLog.of(List.of("ran mail 0", "done mail 0", "ran mail 0", "ran mail 1"));
    assertThat(log.summary("mail", 3)).isEqualTo("sent=3 done=1 lost=2 twice=1");
  }
}
