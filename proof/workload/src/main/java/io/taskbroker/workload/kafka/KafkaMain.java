package io.taskbroker.workload.kafka;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program of {@link KafkaProcess}. It runs until its input ends. The input also ends when the
 * process that started this one has died, even while Kafka is still starting.
 */
final class KafkaMain {
  static final String READY = "kafka is ready";

  /** What Kafka has to start or to stop in, once the input has ended. */
  private static final long PATIENCE_SECONDS = 20;

  private KafkaMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    var settings =
        new NodeSettings(
            Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    var inputEnded = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    Thread.ofPlatform().daemon().name("input").start(() -> watchInput(inputEnded, stopped));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings, properties(arguments))) {
      System.out.println(READY + " at " + kafka.address());
      inputEnded.await();
    } finally {
      stopped.countDown();
    }
  }

  private static Map<String, String> properties(String[] arguments) {
    Map<String, String> properties = new HashMap<>();
    for (String argument : List.of(arguments).subList(3, arguments.length)) {
      int equals = argument.indexOf('=');
      properties.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return properties;
  }

  private static void watchInput(CountDownLatch ended, CountDownLatch stopped) {
    try {
      while (System.in.read() >= 0) {
        // Nothing is expected; only the end counts.
      }
    } catch (IOException e) {
      System.out.println("the input cannot be read, which is taken for its end: " + e);
    }
    ended.countDown();
    try {
      if (!stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
