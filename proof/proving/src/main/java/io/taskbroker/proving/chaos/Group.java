package io.taskbroker.proving.chaos;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.chaos.Member.Machine;
import io.taskbroker.proving.machine.BrittleDisk;
import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.machine.SteppedClock;
import io.taskbroker.workload.process.BrokerSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Three brokers of one group: two that are asked for tasks, and one that calls workers. */
final class Group implements AutoCloseable {
  static final int PARTITIONS = 6;

  /** What a call of a worker may take. */
  static final Duration PUSH = Duration.ofSeconds(1);

  /** Short, so that much happens; nothing is given up for having missed its deadline often. */
  private static final Map<String, Object> SETTINGS =
      Map.of(
          "kafka_auto_offset_reset",
          "earliest",
          "kafka_session_timeout_ms",
          6_000,
          "store.processing_deadline_grace_sec",
          0,
          "store.max_processing_attempts",
          100_000,
          "upkeep_deadline_reset_skip_after_startup_sec",
          1);

  private static final Map<String, Object> CALLING =
      Map.of(
          "delivery_mode",
          "push",
          "fetch.batch_length",
          4,
          "push.threads",
          16,
          "push.timeout",
          PUSH.toSeconds() + "s",
          "push.queue.size",
          16,
          "push.queue.timeout",
          "200ms");

  private final List<Member> members;

  /**
   * @param kafka the address that brokers know
   * @param workers where the workers are that are called, as {@code host:port}
   */
  Group(Path folder, String kafka, String topic, String workers) {
    Map<String, Object> calling = new TreeMap<>(SETTINGS);
    calling.putAll(CALLING);
    calling.put("worker_map.proving", "http://" + workers);
    this.members =
        List.of(
            member(folder.resolve("broker-1"), kafka, topic, SETTINGS),
            member(folder.resolve("broker-2"), kafka, topic, SETTINGS),
            member(folder.resolve("broker-3"), kafka, topic, calling));
  }

  private static Member member(
      Path folder, String kafka, String topic, Map<String, Object> settings) {
    try {
      Path data = Files.createDirectories(folder.resolve("data"));
      var setup = new BrokerSetup(folder, kafka, topic, FreePorts.any(), settings);
      return new Member(folder.getFileName().toString(), setup, data, machine(folder, data));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + folder, e);
    }
  }

  private static @Nullable Machine machine(Path folder, Path data) {
    if (!PreloadedLibrary.isPossible()) {
      return null;
    }
    Path tools = folder.resolve("tools");
    return new Machine(BrittleDisk.of(data, tools), SteppedClock.build(tools));
  }

  List<Member> members() {
    return members;
  }

  /** Those that are asked. */
  List<Member> asked() {
    return members.subList(0, 2);
  }

  Member calling() {
    return members.getLast();
  }

  @Override
  public void close() {
    members.forEach(Member::close);
  }
}
