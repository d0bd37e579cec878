package io.taskbroker.benchmarks.soak;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Samples as CSV: a line for each, written at once, so that a soak that breaks off leaves them. */
final class SampleFile implements AutoCloseable {
  private final BufferedWriter file;

  private SampleFile(BufferedWriter file) {
    this.file = file;
  }

  /** A new file with a line of titles, in place of an earlier one. */
  static SampleFile create(Path path) {
    try {
      var file = new SampleFile(Files.newBufferedWriter(path));
      file.write(
          "seconds,"
              + Stream.of(Measure.values())
                  .map(measure -> measure.label() + " (" + measure.unit() + ")")
                  .collect(Collectors.joining(",")));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  void add(Sample sample) {
    write(
        number(sample.at().toMillis() / 1e3)
            + Stream.of(Measure.values())
                .map(measure -> "," + number(sample.of(measure)))
                .collect(Collectors.joining()));
  }

  /** Empty for what is not known. */
  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3f", value);
  }

  private void write(String line) {
    try {
      file.write(line);
      file.newLine();
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a sample cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the file of samples cannot be closed", e);
    }
  }
}
