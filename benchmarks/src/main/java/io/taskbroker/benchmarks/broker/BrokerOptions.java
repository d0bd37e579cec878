package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.process.AssembledProgram;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the broker under test is run. */
public final class BrokerOptions {
  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "The broker's heap, as in -Xmx; ${DEFAULT-VALUE} by default.")
  @Nullable String heap = "1g";

  @Option(
      names = "--jvm",
      paramLabel = "OPTION",
      description =
          "A further option of the broker's JVM, such as"
              + " --jvm=-XX:StartFlightRecording=filename=drain.jfr; may be repeated.")
  List<String> jvm = new ArrayList<>();

  @Option(
      names = "--assembled",
      paramLabel = "FOLDER",
      description =
          "Measures what './taskbroker assemble FOLDER' has made, with its runtime and its cache,"
              + " rather than java @jvm.options -jar.")
  @Nullable Path assembled;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description =
          "Measures another broker: a shell is given COMMAND, with -c FILE as its last words, such"
              + " as --command='java -jar older.jar'. Wins over --assembled, --heap and --jvm.")
  @Nullable String command;

  @Option(
      names = "--vs",
      paramLabel = "COMMAND",
      description =
          "Measures by turns what is asked for, and the broker of COMMAND as --command would; ends"
              + " with a table of both.")
  @Nullable String other;

  @Option(
      names = "--vs-rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Times that --vs measures each; ${DEFAULT-VALUE} by default.")
  int rounds;

  /** The same with a further option of the JVM. */
  public BrokerOptions with(String option) {
    BrokerOptions more = withHeap(heap);
    more.jvm.add(option);
    return more;
  }

  /**
   * The same with another heap.
   *
   * @param size null for what the JVM takes with the options that are delivered
   */
  BrokerOptions withHeap(@Nullable String size) {
    var other = new BrokerOptions();
    other.heap = size;
    other.assembled = assembled;
    other.command = command;
    other.jvm = new ArrayList<>(jvm);
    return other;
  }

  /** Starts the broker in the way that was asked for; returns at once. */
  BrokerProcess launch(BrokerSetup settings) {
    if (command != null) {
      return launch(command, settings);
    }
    return assembled == null ? launchJar(settings, List.of()) : launch(assembled, settings);
  }

  /** Starts another broker; returns at once. The shell becomes it, so signals reach it. */
  BrokerProcess launch(String commandLine, BrokerSetup settings) {
    return BrokerProcess.launchProgram(
        settings, List.of("sh", "-c", "exec env " + commandLine + " \"$@\"", "sh"));
  }

  /**
   * Starts the jar with the JVM options that are delivered with it, as {@code ./taskbroker -c}
   * does; returns at once.
   *
   * @param more options of the JVM
   */
  BrokerProcess launchJar(BrokerSetup settings, List<String> more) {
    Path delivered = BrokerProcess.jar().resolve("../../../deploy/program/jvm.options");
    List<String> all = new ArrayList<>(List.of("@" + delivered.normalize()));
    all.addAll(jvm);
    all.addAll(more);
    return heap == null
        ? BrokerProcess.launchProgram(settings, program(all))
        : BrokerProcess.launch(settings, heap, all);
  }

  private static List<String> program(List<String> options) {
    List<String> program = new ArrayList<>();
    program.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    program.addAll(options);
    program.addAll(List.of("-jar", BrokerProcess.jar().toString()));
    return program;
  }

  /** Starts what was assembled in a folder; returns at once. */
  BrokerProcess launch(Path folder, BrokerSetup settings) {
    return new AssembledProgram(folder.toAbsolutePath().normalize()).launch(settings, words());
  }

  /** How the broker is started, for a remark. */
  String described() {
    if (command != null) {
      return command;
    }
    return ((assembled == null ? "java @jvm.options -jar " : "assembled ") + words()).strip();
  }

  private String words() {
    return Stream.concat(Stream.ofNullable(heap).map(size -> "-Xmx" + size), jvm.stream())
        .collect(Collectors.joining(" "));
  }
}
