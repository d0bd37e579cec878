package io.taskbroker.workload;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.process.AssembledProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives an assembled program its cache: the last step of {@code ./taskbroker assemble}. */
public final class Train {
  /**
   * Fixed, so that the cache does not depend on how large the machine is that makes it. What G1 has
   * stored the serial and the parallel collector can read.
   */
  private static final String JVM = "-XX:+UseG1GC -Xmx512m";

  private Train() {}

  /**
   * @param arguments the folder of the program
   */
  public static void main(String[] arguments) throws IOException {
    var program = new AssembledProgram(Path.of(arguments[0]).toAbsolutePath().normalize());
    Path files = Files.createTempDirectory("taskbroker-train-");
    try (var kafka = KafkaProcess.start(NodeSettings.in(files.resolve("kafka")))) {
      String options = JVM + " -XX:AOTCacheOutput=" + program.cache();
      Training.run(kafka, files.resolve("train"), settings -> program.launch(settings, options));
    }
    if (!Files.exists(program.cache())) {
      throw new IllegalStateException("no cache was written; the broker's log is in " + files);
    }
    Folders.delete(files);
  }
}
