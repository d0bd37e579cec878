package io.taskbroker.benchmarks.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the log of a JVM's collector on and on: how much of the heap was left after collections.
 */
final class CollectorLog {
  /** Such as {@code GC(7) Pause Young (Normal) (G1 Evacuation Pause) 61M->12M(96M) 2.345ms}. */
  private static final Pattern COLLECTION =
      Pattern.compile("Pause (?:Young|Full)\\b.* \\d+[BKMG]->(\\d+)([BKMG])\\(");

  private static final String UNITS = "BKMG";
  private static final int UNIT_BITS = 10;

  private final Path file;
  private int read;
  private double latestBytes = Double.NaN;

  CollectorLog(Path file) {
    this.file = file;
  }

  /** What makes a JVM write it. */
  static String option(Path file) {
    return "-Xlog:gc:file=" + file + ":uptime:filecount=0";
  }

  /**
   * The least that was in use after a collection since the last such question, in bytes. Without
   * one it is what was in use after the latest; NaN before the first.
   */
  double leastBytes() {
    double least = Double.NaN;
    for (String line : more().split("\n", -1)) {
      Matcher collection = COLLECTION.matcher(line);
      if (collection.find()) {
        latestBytes = bytes(collection.group(1), collection.group(2));
        least = Double.isNaN(least) ? latestBytes : Math.min(least, latestBytes);
      }
    }
    return Double.isNaN(least) ? latestBytes : least;
  }

  private static double bytes(String number, String unit) {
    return Double.parseDouble(number) * (1L << (UNIT_BITS * UNITS.indexOf(unit)));
  }

  /** Whole lines that were not read yet. */
  private String more() {
    try {
      byte[] all = Files.readAllBytes(file);
      int end = all.length;
      while (end > read && all[end - 1] != '\n') {
        end--;
      }
      String lines = new String(all, read, end - read, StandardCharsets.UTF_8);
      read = end;
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
