package io.taskbroker.proving.kafka;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The program of {@link KafkaProcess}. Runs until its input ends, which it also does when the one
 * who started it has died.
 */
final class KafkaMain {
  static final String READY = "kafka is ready";

  private KafkaMain() {}

  public static void main(String[] arguments) throws IOException {
    var settings =
        new NodeSettings(
            Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
      System.out.println(READY + " at " + kafka.address());
      while (System.in.read() >= 0) {
        // Nothing is expected; only the end counts.
      }
    }
  }
}
