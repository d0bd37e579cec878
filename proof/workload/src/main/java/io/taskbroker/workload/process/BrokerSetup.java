package io.taskbroker.workload.process;

import io.taskbroker.embeddedkafka.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a broker under test is configured: what nearly all tests need, and whatever else.
 *
 * @param folder holds its configuration, its store and its log
 * @param kafka address of the only cluster
 * @param topic that it consumes, and that its retries go to
 * @param grpcPort on loopback
 * @param further settings, by their full key such as {@code store.max_pending_count}; the former
 *     {@code db_path} and {@code kafka_cluster} take the place of what is written otherwise
 */
public record BrokerSetup(
    Path folder, String kafka, String topic, int grpcPort, Map<String, Object> further) {
  private static final String CLUSTER = "default";

  public BrokerSetup {
    further = new TreeMap<>(further);
  }

  /** On a port that is free now; it keeps that port through restarts. */
  public static BrokerSetup of(Path folder, String kafka, String topic) {
    return new BrokerSetup(folder, kafka, topic, FreePorts.any(), Map.of());
  }

  public BrokerSetup with(String key, Object value) {
    Map<String, Object> more = new TreeMap<>(further);
    more.put(key, value);
    return new BrokerSetup(folder, kafka, topic, grpcPort, more);
  }

  public BrokerSetup at(int port) {
    return new BrokerSetup(folder, kafka, topic, port, further);
  }

  public String grpcAddress() {
    return "127.0.0.1:" + grpcPort;
  }

  public String deadLetterTopic() {
    return topic + "-dlq";
  }

  /** The consumer group. */
  public String group() {
    return topic;
  }

  public Path store() {
    return folder.resolve("inflight.sqlite");
  }

  public Path log() {
    return folder.resolve("broker.log");
  }

  public Path file() {
    return folder.resolve("broker.yml");
  }

  /** Lines of its log at the level ERROR, of all brokers that were started so. */
  public List<String> errorLines() {
    try (Stream<String> lines = Files.lines(log())) {
      return lines.filter(line -> line.contains("ERROR")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log(), e);
    }
  }

  /** Writes {@link #file()}, as a user would write it. */
  public void write() {
    try {
      Files.createDirectories(folder);
      Files.writeString(file(), yaml());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file(), e);
    }
  }

  String yaml() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("grpc_addr", "127.0.0.1");
    root.put("grpc_port", grpcPort);
    if (!further.containsKey("kafka_cluster")) {
      putTopics(root);
    }
    root.put("kafka_deadletter_topic", deadLetterTopic());
    if (!further.containsKey("db_path")) {
      put(root, "store.sqlite.path", store().toAbsolutePath().toString());
    }
    further.forEach((key, value) -> put(root, key, value));
    StringBuilder yaml = new StringBuilder();
    print(root, "", yaml);
    return yaml.toString();
  }

  private void putTopics(Map<String, Object> root) {
    put(root, "kafka_clusters." + CLUSTER + ".address", kafka);
    Map<String, Object> topics = new LinkedHashMap<>();
    Map<String, Object> consumed = new LinkedHashMap<>();
    consumed.put("cluster", CLUSTER);
    consumed.put("consumer_group", group());
    topics.put(topic, consumed);
    Map<String, Object> deadLetters = new LinkedHashMap<>();
    deadLetters.put("cluster", CLUSTER);
    deadLetters.put("consumer_group", group());
    deadLetters.put("produce_only", true);
    topics.put(deadLetterTopic(), deadLetters);
    root.put("kafka_topics", topics);
  }

  @SuppressWarnings("unchecked") // every inner node of the tree is made here
  private static void put(Map<String, Object> root, String key, Object value) {
    String[] levels = key.split("\\.", -1);
    Map<String, Object> node = root;
    for (int i = 0; i < levels.length - 1; i++) {
      node = (Map<String, Object>) node.computeIfAbsent(levels[i], _ -> new LinkedHashMap<>());
    }
    node.put(levels[levels.length - 1], value);
  }

  private static void print(Map<?, ?> node, String indent, StringBuilder yaml) {
    node.forEach(
        (key, value) -> {
          yaml.append(indent).append(key).append(':');
          switch (value) {
            case Map<?, ?> inner -> {
              yaml.append('\n');
              print(inner, indent + "  ", yaml);
            }
            case List<?> list ->
                yaml.append(
                    list.stream()
                        .map(item -> "'" + item.toString().replace("'", "''") + "'")
                        .collect(Collectors.joining(", ", " [", "]\n")));
            case String text -> yaml.append(" '").append(text.replace("'", "''")).append("'\n");
            default -> yaml.append(' ').append(value).append('\n');
          }
        });
  }
}
