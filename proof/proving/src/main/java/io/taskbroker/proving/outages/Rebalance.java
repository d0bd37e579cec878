package io.taskbroker.proving.outages;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** Brokers of one group hand over to one another exactly. */
public final class Rebalance implements Scenario {
  private static final int BROKERS = 8;
  private static final int RESTARTS = 16;
  private static final int PARTITIONS = 32;
  private static final int TASKS = 100_000;
  private static final int LIMIT = 15_000;
  private static final String TOPIC = "rebalance";
  private static final TaskKind TASK = TaskKind.quick("rebalance.task");

  /** What is produced once per restart, so that intake goes on through all of them. */
  private static final int SHARE = TASKS / (BROKERS * RESTARTS);

  private static final int PAYLOAD_BYTES = 256;
  private static final Duration SHORTEST_LIFE = Duration.ofMillis(500);
  private static final Duration LONGEST_LIFE = Duration.ofSeconds(6);

  /**
   * After so long without progress a full broker holds partitions: another share-out moves them.
   */
  private static final Duration STUCK = Duration.ofSeconds(12);

  private static final int MOST_SHARE_OUTS = 16;

  @Override
  public String name() {
    return "rebalance";
  }

  @Override
  public String promise() {
    return "%d brokers of one group, each restarted %d times: every record stored once"
        .formatted(BROKERS, RESTARTS);
  }

  @Override
  public Verdict play(Stage stage) {
    stage.say("seed=" + stage.seed() + ", max_pending_count=" + LIMIT);
    var target = new ActivationProducer.Target(stage.kafka().address(), TOPIC, "proving");
    List<GroupBroker> brokers = brokers(stage);
    try (Topics topics = Topics.at(stage.kafka().address());
        var producer = new ActivationProducer(target, PAYLOAD_BYTES, new Ledger())) {
      topics.create(TOPIC, PARTITIONS);
      topics.create(TOPIC + "-dlq", 1);
      producer.produce(TASK, TASKS - SHARE * BROKERS * RESTARTS);
      restartAll(brokers, producer, stage.random());
      producer.flush();
      int shareOuts = awaitAllCommitted(topics, brokers, stage.random());
      Verdict verdict = judge(topics, brokers).show("seed", stage.seed());
      brokers.forEach(GroupBroker::stop);
      return verdict
          .expect("restarts", (long) BROKERS * RESTARTS + shareOuts, restarts(brokers))
          .expect("stops_out_of_order", 0, count(brokers, GroupBroker::failedStops))
          .expect("error_lines", 0, count(brokers, GroupBroker::errorLines));
    } finally {
      brokers.forEach(GroupBroker::close);
    }
  }

  private static List<GroupBroker> brokers(Stage stage) {
    return IntStream.range(0, BROKERS)
        .mapToObj(
            number ->
                BrokerSetup.of(
                        stage.folder().resolve("broker-" + number), stage.kafka().address(), TOPIC)
                    .with("kafka_auto_offset_reset", "earliest")
                    .with("store.max_pending_count", LIMIT))
        .map(GroupBroker::new)
        .toList();
  }

  /** All at once, each at moments of its own. */
  private static void restartAll(
      List<GroupBroker> brokers, ActivationProducer producer, Random seeds) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> lives = new ArrayList<>();
      for (GroupBroker broker : brokers) {
        Random random = new Random(seeds.nextLong());
        lives.add(threads.submit(() -> live(broker, producer, random)));
      }
      for (Future<?> life : lives) {
        life.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a broker was not restarted: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void live(GroupBroker broker, ActivationProducer producer, Random random) {
    broker.start();
    for (int i = 0; i < RESTARTS; i++) {
      producer.produce(TASK, SHARE);
      Waiting.pause(
          Duration.ofMillis(random.nextLong(SHORTEST_LIFE.toMillis(), LONGEST_LIFE.toMillis())));
      broker.restart();
    }
  }

  /** Returns how many further restarts it took. */
  private static int awaitAllCommitted(Topics topics, List<GroupBroker> brokers, Random random) {
    int shareOuts = 0;
    long open = topics.lag(TOPIC, TOPIC);
    long since = System.nanoTime();
    while (open > 0) {
      Waiting.pause(Duration.ofMillis(500));
      long now = topics.lag(TOPIC, TOPIC);
      if (now != open) {
        open = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STUCK.toNanos()) {
        if (shareOuts == MOST_SHARE_OUTS) {
          return shareOuts; // the verdict shows what is missing
        }
        shareOuts++;
        brokers.get(random.nextInt(BROKERS)).restart();
        since = System.nanoTime();
      }
    }
    return shareOuts;
  }

  private static Verdict judge(Topics topics, List<GroupBroker> brokers) {
    Set<StoreWindow.Position> stored = new HashSet<>();
    long rows = 0;
    long fullest = 0;
    for (GroupBroker broker : brokers) {
      try (StoreWindow view = StoreWindow.open(broker.settings().store())) {
        List<StoreWindow.Position> positions = view.positions();
        stored.addAll(positions);
        rows += positions.size();
        fullest = Math.max(fullest, positions.size());
      }
    }
    return new Verdict()
        .expect("produced", TASKS, topics.size(TOPIC))
        .expect("missing", 0, TASKS - stored.size())
        .expect("twice", 0, rows - stored.size())
        .atMost("fullest", LIMIT, fullest);
  }

  private static long restarts(List<GroupBroker> brokers) {
    return count(brokers, GroupBroker::restarts);
  }

  private static long count(List<GroupBroker> brokers, ToLongFunction<GroupBroker> figure) {
    return brokers.stream().mapToLong(figure).sum();
  }
}
