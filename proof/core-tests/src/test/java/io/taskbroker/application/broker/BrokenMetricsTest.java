package io.taskbroker.application.broker;

import static io.taskbroker.testkit.broker.BrokerFixture.DEAD_LETTERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What counts may break: no task notices. */
@Timeout(60)
class BrokenMetricsTest {
  private final AtomicInteger events = new AtomicInteger();

  private enum Job {
    INTAKE,
    STORE,
    UPKEEP,
    OUTBOX,
    RULES,
    EXCHANGE
  }

  private <E> EventSink<E> broken() {
    return _ -> {
      events.incrementAndGet();
      throw new IllegalStateException("a bug in what counts");
    };
  }

  private BrokerMetrics withoutGood(Job job) {
    BrokerMetrics none = BrokerMetrics.NONE;
    return switch (job) {
      case INTAKE ->
          new BrokerMetrics(
              _ -> broken(),
              none.dispatch(),
              none.store(),
              none.upkeep(),
              none.outbox(),
              none.rules(),
              none.exchange());
      case STORE ->
          new BrokerMetrics(
              none.intake(),
              none.dispatch(),
              broken(),
              none.upkeep(),
              none.outbox(),
              none.rules(),
              none.exchange());
      case UPKEEP ->
          new BrokerMetrics(
              none.intake(),
              none.dispatch(),
              none.store(),
              broken(),
              none.outbox(),
              none.rules(),
              none.exchange());
      case OUTBOX ->
          new BrokerMetrics(
              none.intake(),
              none.dispatch(),
              none.store(),
              none.upkeep(),
              broken(),
              none.rules(),
              none.exchange());
      case RULES ->
          new BrokerMetrics(
              none.intake(),
              none.dispatch(),
              none.store(),
              none.upkeep(),
              none.outbox(),
              broken(),
              none.exchange());
      case EXCHANGE ->
          new BrokerMetrics(
              none.intake(),
              none.dispatch(),
              none.store(),
              none.upkeep(),
              none.outbox(),
              none.rules(),
              broken());
    };
  }

  @ParameterizedTest
  @EnumSource(Job.class)
  void everyTaskGoesItsWay(Job job) {
    try (BrokerFixture broker = BrokerFixture.builder().metrics(withoutGood(job)).start()) {
      broker.produce(Activations.pending("good"));
      Delivered good = broker.take();
      broker
          .broker()
          .exchange()
          .tell(List.of(new News.HandBack(new Attempt("unknown", 1))))
          .toCompletableFuture()
          .join();
      broker.produce(Activations.pending("bad").deadLettered());
      Delivered bad = broker.take();
      broker.produce(
          Activations.pending("killed").taskname("unwanted"),
          Activations.pending("late").expiresAt(broker.time().now().wallMs() + 1_000));
      broker.await("both to be stored", () -> broker.broker().vitals().depths().pending() == 2);
      broker.rules().set(new Rules(new KillSwitch(Set.of("unwanted"), List.of()), Demotion.NONE));
      broker.time().advance(Duration.ofSeconds(2));

      assertThat(broker.next()).isEmpty();
      assertThat(broker.report(bad, Conclusion.FAILURE)).isTrue();
      assertThat(broker.report(good, Conclusion.COMPLETE)).isTrue();

      broker.await("the dead letter", () -> broker.tasksIn(DEAD_LETTERS).size() == 1);
      broker.await("nothing to be left", () -> isEmpty(broker.broker().vitals()));
      broker.await("its events", () -> events.get() > 0);
    }
  }

  private static boolean isEmpty(Vitals vitals) {
    return vitals.depths().unfinished() == 0 && vitals.depths().finished() == 0;
  }
}
