package io.taskbroker.benchmarks.broker;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How the broker under test is run. */
final class BrokerOptions {
  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "The broker's heap, as in -Xmx; ${DEFAULT-VALUE} by default.")
  String heap = "1g";

  @Option(
      names = "--jvm",
      paramLabel = "OPTION",
      description =
          "A further option of the broker's JVM, such as"
              + " --jvm=-XX:StartFlightRecording=filename=drain.jfr; may be repeated.")
  List<String> jvm = new ArrayList<>();
}
