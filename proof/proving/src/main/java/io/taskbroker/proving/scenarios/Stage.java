package io.taskbroker.proving.scenarios;

import io.taskbroker.embeddedkafka.Kafka;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Random;

/**
 * What a scenario finds around it.
 *
 * @param kafka in a process of its own, shared with other scenarios: topics are named for theirs
 * @param folder of this scenario alone
 * @param seed of everything random in it
 * @param out for lines about how it goes
 */
public record Stage(Kafka kafka, Path folder, long seed, PrintStream out) {
  public Random random() {
    return new Random(seed);
  }

  /** The same, with a folder of its own in this one's. */
  public Stage in(String subfolder) {
    return new Stage(kafka, folder.resolve(subfolder), seed, out);
  }

  public void say(String line) {
    out.println("  " + line);
    out.flush();
  }
}
