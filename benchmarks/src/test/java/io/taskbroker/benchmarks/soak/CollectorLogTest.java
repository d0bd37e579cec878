package io.taskbroker.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorLogTest {
  private static final double MB = 1 << 20;

  @TempDir private Path folder;
  private Path file;
  private CollectorLog log;

  @BeforeEach
  void create() throws IOException {
    file = folder.resolve("collector.log");
    Files.writeString(file, "[0.011s] Using G1\n");
    log = new CollectorLog(file);
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  @Test
  void nothingIsKnownBeforeTheFirstCollection() {
    assertThat(log.leastBytes()).isNaN();
  }

  @Test
  void leastOfTheCollectionsSinceTheLastQuestionCounts() throws IOException {
    write(
        """
        [1.1s] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 61M->12M(96M) 2.345ms
        [1.9s] GC(1) Pause Young (Concurrent Start) (G1 Humongous Allocation) 70M->9M(96M) 2.1ms
        [2.3s] GC(2) Pause Full (System.gc()) 70M->11M(96M) 9.1ms
        """);
    assertThat(log.leastBytes()).isEqualTo(9 * MB);

    write("[3.1s] GC(3) Pause Young (Allocation Failure) 1G->20M(96M) 2.345ms\n");
    assertThat(log.leastBytes()).isEqualTo(20 * MB);
  }

  @Test
  void withoutACollectionTheLatestCounts() throws IOException {
    write(
        """
        [1.1s] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 61M->2048K(96M) 2.345ms
        [1.9s] GC(1) Pause Young (Normal) (G1 Evacuation Pause) 70M->5M(96M) 2.1ms
        """);
    assertThat(log.leastBytes()).isEqualTo(2 * MB);
    assertThat(log.leastBytes()).isEqualTo(5 * MB);
  }

  @Test
  void pausesThatFreeNothingAreNoCollections() throws IOException {
    write(
        """
        [1.1s] GC(4) Pause Remark 61M->60M(96M) 2.345ms
        [1.1s] GC(4) Pause Cleanup 61M->61M(96M) 0.045ms
        [1.1s] GC(4) Concurrent Mark Cycle 12.345ms
        """);
    assertThat(log.leastBytes()).isNaN();
  }

  @Test
  void lineIsReadOnceItIsWhole() throws IOException {
    write("[1.1s] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 61M->12");
    assertThat(log.leastBytes()).isNaN();

    write("M(96M) 2.345ms\n");
    assertThat(log.leastBytes()).isEqualTo(12 * MB);
  }
}
