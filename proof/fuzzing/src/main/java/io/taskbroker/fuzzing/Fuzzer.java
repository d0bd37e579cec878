package io.taskbroker.fuzzing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Jazzer, in a process of its own for each target. */
final class Fuzzer {
  private static final String MAIN = "com.code_intelligence.jazzer.Jazzer";

  /** Where the log's settings are taken from, by whoever opens a target. */
  static final String LOG_PROPERTY = "logback.configurationFile";

  static final String LOG_SETTINGS = "fuzzing-logback.xml";

  /** Of real time, after which an input hangs; see {@link Entry} for the processor's time. */
  private static final int HANGS_AFTER_SECONDS = 90;

  private static final int LARGEST_INPUT_BYTES = 64 * 1024;

  /** Of the fuzzer's process, with the JVM in it. */
  private static final int MEMORY_MB = 2_048;

  /** Detectors that take what a target does by itself for an attack: it connects, and has files. */
  private static final String OFF =
      "com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery"
          + ":com.code_intelligence.jazzer.sanitizers.FilePathTraversal";

  /** No detector looks into these: one of them fails in Netty's queues. */
  private static final String LIBRARIES = "io.grpc.**:io.netty.**";

  /** What it says of its progress, such as {@code #123 DONE cov: 45 ft: 67 corp: 8/9b …}. */
  private static final Pattern PROGRESS =
      Pattern.compile("(?m)^#(\\d+)\\s+\\w+\\s+cov: (\\d+) ft: (\\d+) corp: (\\d+)/");

  /** What it says at its end, if it gives up early. */
  private static final Pattern FOUND =
      Pattern.compile(
          "(?m)^(== Java Exception: .*|==\\d+==\\s*ERROR: .*|Test unit written to .*)$");

  private Fuzzer() {}

  /**
   * What a run came to.
   *
   * @param executions how many inputs were handed in
   * @param edges branches of our code that some input took
   * @param inputs that were kept since each reaches something that no other does
   * @param findings what went wrong, in Jazzer's words, and where the input is
   */
  record Result(long executions, long edges, long inputs, List<String> findings, Path said) {
    @Override
    public String toString() {
      return "executions=%d edges=%d inputs=%d findings=%d, see %s"
          .formatted(executions, edges, inputs, findings.isEmpty() ? 0 : 1, said);
    }
  }

  /**
   * Runs until the time is over or something is found.
   *
   * @param folder kept, with the inputs in it; beside it, what was found and what was said
   */
  static Result run(String name, Path folder, long seconds)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    try (Target target = Targets.open(name)) {
      int number = 0;
      for (byte[] seed : target.seeds()) {
        Files.write(folder.resolve("seed-" + number++), seed);
      }
    }
    Path said = folder.resolveSibling(name + ".log");
    Process process =
        new ProcessBuilder(command(name, folder, seconds))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      int code = process.waitFor();
      return result(Files.readString(said), code, said);
    } finally {
      process.destroy();
    }
  }

  private static List<String> command(String name, Path folder, long seconds) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx768m",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+EnableDynamicAgentLoading",
        "-D" + Entry.TARGET + "=" + name,
        "-D" + LOG_PROPERTY + "=" + LOG_SETTINGS,
        "-cp",
        System.getProperty("java.class.path"),
        MAIN,
        "--target_class=" + Entry.class.getName(),
        "--instrumentation_includes=io.taskbroker.**",
        "--instrumentation_excludes=io.taskbroker.fuzzing.**:io.taskbroker.testkit.**",
        "--disabled_hooks=" + OFF,
        "--custom_hook_excludes=" + LIBRARIES,
        "--reproducer_path=" + folder.getParent(),
        "-artifact_prefix=" + folder.resolveSibling(name + "-"),
        "-max_total_time=" + seconds,
        "-timeout=" + HANGS_AFTER_SECONDS,
        "-rss_limit_mb=" + MEMORY_MB,
        "-max_len=" + LARGEST_INPUT_BYTES,
        folder.toString());
  }

  private static Result result(String said, int code, Path log) {
    long executions = 0;
    long edges = 0;
    long inputs = 0;
    Matcher progress = PROGRESS.matcher(said);
    while (progress.find()) {
      executions = Long.parseLong(progress.group(1));
      edges = Long.parseLong(progress.group(2));
      inputs = Long.parseLong(progress.group(4));
    }
    List<String> findings = new ArrayList<>();
    if (code != 0) {
      findings.add("the fuzzer has ended with " + code);
      Matcher found = FOUND.matcher(said);
      try (Stream<String> lines = found.results().map(one -> one.group(1))) {
        findings.addAll(lines.toList());
      }
    }
    return new Result(executions, edges, inputs, findings, log);
  }
}
