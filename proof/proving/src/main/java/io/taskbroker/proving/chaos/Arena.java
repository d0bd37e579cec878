package io.taskbroker.proving.chaos;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Mesh;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Everything of one run: Kafka, the brokers, the workers, the load, and what breaks. */
final class Arena {
  private static final String TOPIC = "chaos";
  private static final Duration START = Duration.ofMinutes(2);

  /** For so long nothing may stand still once all is mended. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path folder;
  private final long seed;
  private final long rate;
  private final Incidents incidents;

  /**
   * @param rate tasks a second
   */
  Arena(Path folder, long seed, long rate, Incidents incidents) {
    this.folder = folder;
    this.seed = seed;
    this.rate = rate;
    this.incidents = incidents;
  }

  /** Plays for so long, mends everything, waits until all has ended, and judges. */
  Fates play(Duration time) {
    NodeSettings node = NodeSettings.in(folder.resolve("kafka"));
    int inner = FreePorts.any();
    int proxied = FreePorts.any();
    int called = FreePorts.any();
    try (var kafka = ReturningKafka.start(node, KafkaProxy.listener(node, inner, proxied));
        var way = KafkaProxy.start(proxied, inner);
        var mesh = Mesh.start("127.0.0.1", 0, called, seed);
        Rig rig = Rig.of(folder, kafka.address(), TOPIC, Group.PARTITIONS, Map.of());
        var group = new Group(folder, way.address(), TOPIC, "127.0.0.1:" + mesh.port())) {
      group.members().forEach(Member::launch);
      group.members().forEach(member -> member.awaitServing(START));
      try (var crowd = new Crowd(group, called, rig.ledger())) {
        List<Lane> lanes = new ArrayList<>();
        lanes.add(new Lane("Kafka", KafkaFaults.of(kafka, way), dice(0)));
        lanes.add(new Lane("workers", crowd.faults(mesh), dice(1)));
        for (Member member : group.members()) {
          List<Fault> faults = BrokerFaults.of(member, rig.ledger(), incidents);
          lanes.add(new Lane(member.name(), faults, dice(1 + lanes.size())));
        }
        breakAll(lanes, new Load(rig.producer(), seed, rate), time);
        incidents.say("all is mended");
        rig.producer().flush();
        awaitEnds(rig, group);
      }
      group.members().forEach(this::stop);
      return Fates.of(rig.ledger());
    }
  }

  private Dice dice(int lane) {
    return new Dice(31 * seed + lane);
  }

  private void breakAll(List<Lane> lanes, Load load, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    try (var threads = Executors.newCachedThreadPool()) {
      List<Future<?>> played = new ArrayList<>();
      Future<?> produced = threads.submit(load);
      for (Lane lane : lanes) {
        played.add(threads.submit(() -> lane.play(end, incidents)));
      }
      try {
        for (Future<?> lane : played) {
          lane.get();
        }
      } finally {
        load.end();
      }
      produced.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a fault could not be played: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What stands still is told of, and the fates say what is missing. */
  private void awaitEnds(Rig rig, Group group) {
    try {
      group.members().forEach(member -> member.awaitServing(START));
      Waiting.untilNothingLeft(
          "every task has ended that must", PATIENCE, () -> Fates.unended(rig.ledger()));
      Waiting.untilNothingLeft(
          "all offsets are committed", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
      group.members().forEach(member -> member.awaitEmpty(PATIENCE));
      rig.catchUp();
    } catch (IllegalStateException e) {
      incidents.unexplained("after all was mended: " + e.getMessage());
    }
  }

  private void stop(Member member) {
    member.signal(ProcessSignal.TERM);
    int code = member.awaitEnd();
    if (code != 0) {
      incidents.unexplained(
          "%s ended with %d at the end: %s".formatted(member.name(), code, member.lastLine()));
    }
  }
}
