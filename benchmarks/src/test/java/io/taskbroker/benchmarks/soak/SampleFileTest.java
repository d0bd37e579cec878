package io.taskbroker.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFileTest {
  @TempDir private Path folder;

  @Test
  void eachSampleIsALine_writtenAtOnce() throws IOException {
    Path csv = folder.resolve("soak.csv");
    try (var file = SampleFile.create(csv)) {
      Samples.of(Measure.HEAP, 12.5, Double.NaN).forEach(file::add);

      assertThat(Files.readAllLines(csv))
          .containsExactly(
              "seconds,rate (tasks/s),heap (MB),resident (MB),store (MB),wal (MB),log (kB),"
                  + "open_files (files),threads (threads),lag (records),backlog (tasks),p50 (ms),"
                  + "p99 (ms),cpu (us_of_broker_cpu/task)",
              "15.000,100.000,12.500,100.000,100.000,100.000,100.000,100.000,100.000,100.000,"
                  + "100.000,100.000,100.000,100.000",
              "30.000,100.000,,100.000,100.000,100.000,100.000,100.000,100.000,100.000,100.000,"
                  + "100.000,100.000,100.000");
    }
  }

  @Test
  void plotIsAPictureOfAllThatIsKnown() throws IOException {
    Path all = Plot.draw(Samples.of(Measure.HEAP, 12, 13, 14), folder.resolve("all.png"));
    Path some = Plot.draw(Samples.of(Measure.HEAP, Double.NaN), folder.resolve("some.png"));

    assertThat(ImageIO.read(all.toFile()).getHeight())
        .isGreaterThan(ImageIO.read(some.toFile()).getHeight());
  }
}
