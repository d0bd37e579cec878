package io.taskbroker.application.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** How a broker is put together, and what is left of one that cannot be. */
class BrokerAssemblyTest {
  private static final StoreSettings STORE =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);
  private static final Publisher NOBODY = (_, _) -> List.of();

  private final SettableTime time = new SettableTime();
  private final ClosableJournal journal = new ClosableJournal(new InMemoryFile().open());

  private static BrokerSettings settings() {
    return new BrokerSettings(
        STORE.longestWait(),
        new IntakeSettings(
            256,
            16_000_000,
            Duration.ofMillis(5),
            new Backpressure.Limits(
                2_048, 8_192, 2_048, 65_536, null, Long.MAX_VALUE, Long.MAX_VALUE)),
        new UpkeepSettings(Duration.ofMillis(2), Duration.ZERO, Duration.ofSeconds(1)),
        new HealthSettings(Duration.ofSeconds(5), false),
        Set.of("tasks-1", "tasks-2"),
        "tasks-1",
        "dead-letters");
  }

  private Broker open(Function<String, ActivationDecoder> decoders, Rulebook rulebook) {
    return Broker.open(
        settings(),
        new BrokerPorts(
            OwnedStore.over(journal, STORE),
            NOBODY,
            decoders,
            new PlainCodec(),
            time,
            SystemThreads.INSTANCE,
            BrokerMetrics.NONE,
            rulebook,
            Optional.empty()));
  }

  @Test
  void aBrokerThatCannotBePutTogether_leavesNothingOpen() {
    Function<String, ActivationDecoder> decoders =
        topic -> {
          if (topic.equals("tasks-2")) {
            throw new IllegalStateException("nobody knows how to read tasks-2");
          }
          return new PlainCodec();
        };

    assertThatThrownBy(() -> open(decoders, Rulebook.EMPTY)).hasMessageContaining("tasks-2");

    assertThat(journal.isClosed).isTrue();
  }

  @Test
  void whatIsDemoted_goesToTheClusterOfTheRuleThatNamesItsTopic() throws InterruptedException {
    ChangingRoute route = new ChangingRoute();
    Rulebook rulebook = new Rulebook(() -> route.inForce, (_, _) -> Optional.empty(), route);
    try (Broker broker = open(_ -> new PlainCodec(), rulebook)) {
      NewActivation task = Activations.pending("a").at(new Partition("", 0), 0).arriving();
      broker.plant(List.of(new NewActivation(task.activation(), task.payload(), Route.DEMOTION)));

      broker.start();

      String target = route.published.poll(60, TimeUnit.SECONDS);
      assertThat(target).isNotNull().isIn("topic-1 of cluster-1", "topic-2 of cluster-2");
    }
  }

  /** The rule changes whenever somebody has asked for its topic. */
  private static final class ChangingRoute implements DemotionRoute {
    private static final Rules ONE = demoting("topic-1", "cluster-1");
    private static final Rules OTHER = demoting("topic-2", "cluster-2");

    final BlockingQueue<String> published = new LinkedBlockingQueue<>();
    volatile Rules inForce = ONE;

    private static Rules demoting(String topic, String cluster) {
      return new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), topic, cluster));
    }

    @Override
    public String topic(Demotion demotion) {
      inForce = inForce.equals(ONE) ? OTHER : ONE;
      return String.valueOf(demotion.topic());
    }

    @Override
    public Publisher publisher(Demotion demotion) {
      return (topic, records) -> {
        if (!records.isEmpty()) {
          published.add(topic + " of " + demotion.cluster());
        }
        return records.stream()
            .<Publisher.Fate>map(_ -> new Publisher.Fate.Acknowledged())
            .toList();
      };
    }

    @Override
    public boolean returnsHere(Demotion demotion) {
      return false;
    }
  }

  /** Knows whether it was closed. */
  private static final class ClosableJournal extends ForwardingJournal {
    volatile boolean isClosed;

    ClosableJournal(Journal journal) {
      super(journal);
    }

    @Override
    public void close() {
      super.close();
      isClosed = true;
    }
  }
}
