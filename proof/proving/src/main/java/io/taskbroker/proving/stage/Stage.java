package io.taskbroker.proving.stage;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.Rig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a scenario finds around it.
 *
 * @param kafka in a process of its own, shared with other scenarios: topics are named for theirs
 * @param folder of this scenario alone
 * @param seed of everything random in it
 * @param extent how much of it is played
 * @param out for lines about how it goes
 */
public record Stage(Kafka kafka, Path folder, long seed, Extent extent, PrintStream out) {
  /** How much of a scenario is played. */
  public enum Extent {
    WHOLE,
    /** Every kind of thing that happens in it, with fewer tasks and shorter waits. */
    SHORT
  }

  /** The broker's own, repeated here so that each scenario can say under which limits it played. */
  private static final Map<String, Object> DEFAULT_LIMITS =
      Map.of(
          "store.max_pending_count", 2048,
          "store.max_delay_count", 8192,
          "store.max_processing_count", 2048);

  public Random random() {
    return new Random(seed);
  }

  /** The same, with a folder of its own in this one's. */
  public Stage in(String subfolder) {
    return new Stage(kafka, folder.resolve(subfolder), seed, extent, out);
  }

  /** One of two numbers of things, by how much is played. */
  public int some(int whole, int inShort) {
    return switch (extent) {
      case WHOLE -> whole;
      case SHORT -> inShort;
    };
  }

  /**
   * A rig in this folder.
   *
   * @param topic has one partition
   * @param limits of the broker that are not its defaults; all limits are printed
   */
  public Rig rig(String topic, Map<String, Object> limits) {
    return rig(topic, 1, limits);
  }

  /**
   * A rig in this folder.
   *
   * @param partitions of the topic
   * @param limits of the broker that are not its defaults; all limits are printed
   */
  public Rig rig(String topic, int partitions, Map<String, Object> limits) {
    Map<String, Object> shown = new TreeMap<>(DEFAULT_LIMITS);
    shown.putAll(limits);
    say(
        shown.entrySet().stream()
            .map(limit -> limit.getKey().replace("store.", "") + "=" + limit.getValue())
            .collect(Collectors.joining(" ")));
    return Rig.of(folder, kafka.address(), topic, partitions, limits);
  }

  public void say(String line) {
    out.println("  " + line);
    out.flush();
  }
}
