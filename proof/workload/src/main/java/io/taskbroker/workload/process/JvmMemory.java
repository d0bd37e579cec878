package io.taskbroker.workload.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory another JVM takes, asked from outside. */
public final class JvmMemory {
  private static final int KIB = 1024;

  private JvmMemory() {}

  /** Bytes of it that are in RAM; -1 where the system does not say. */
  public static long residentBytes(ChildProcess process) {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    if (!Files.isReadable(status)) {
      return -1;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + status, e);
    }
  }

  /** Bytes of heap that are in use after a collection, which this asks for. */
  public static long liveHeapBytes(ChildProcess process) {
    String total = "";
    for (String line : histogram(process).lines().toList()) {
      total = line.startsWith("Total") ? line : total;
    }
    String[] words = total.strip().split("\\s+", -1);
    if (words.length < 3) {
      throw new IllegalStateException("jcmd told nothing of process " + process.pid());
    }
    return Long.parseLong(words[2]);
  }

  private static String histogram(ChildProcess process) {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(process.pid()),
                  "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask process " + process.pid() + " for its heap", e);
    }
  }
}
