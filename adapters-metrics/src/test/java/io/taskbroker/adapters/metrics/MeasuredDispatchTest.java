package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.dispatch.Dispatch.Wish;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MeasuredDispatchTest {
  private static final Wish ANY = new Wish(null, null);

  private final Meters meters = new Meters();

  private BrokerFixture broker(TimeSource time) {
    DispatchCounts counts = new DispatchCounts(meters);
    return BrokerFixture.builder()
        .metrics(measuring(store -> new MeasuredDispatch(store, counts, time)))
        .start();
  }

  private static BrokerMetrics measuring(UnaryOperator<DispatchStore> dispatch) {
    BrokerMetrics none = BrokerMetrics.NONE;
    return new BrokerMetrics(
        none.intake(),
        dispatch,
        none.store(),
        none.upkeep(),
        none.outbox(),
        none.rules(),
        none.exchange());
  }

  private static Report report(String id, Conclusion conclusion) {
    return new Report(id, conclusion, RetryOverride.NONE);
  }

  private static Concluded reportAndFetch(BrokerFixture broker, Report report) {
    return broker
        .broker()
        .dispatch()
        .report(report, ANY, Recipient.OF_ANYTHING)
        .toCompletableFuture()
        .join();
  }

  /** What was counted: of a counter its sum, of a histogram how many values it has. */
  private Map<String, Long> counted() {
    Map<String, Long> counted = new TreeMap<>();
    for (Series series : meters.all()) {
      long now =
          switch (series) {
            case Counter counter -> counter.total();
            case Histogram histogram -> values(histogram);
            case Gauge _ -> 0;
          };
      if (now > 0) {
        counted.merge(series.name(), now, Long::sum);
      }
    }
    return counted;
  }

  private static long values(Histogram histogram) {
    histogram.flush(Unheard.INSTANCE);
    return Arrays.stream(histogram.totals().buckets()).sum();
  }

  @Test
  void handOutsAndReportsAreCounted_aloneAndInBatches() {
    try (BrokerFixture broker = broker(new SettableTime())) {
      broker.produce(Activations.pending("a"), Activations.pending("b"), Activations.pending("c"));
      broker.await("all to be stored", () -> broker.broker().vitals().depths().pending() == 3);

      String first = broker.take().claim().activation().id();
      assertThat(broker.next()).isPresent();
      assertThat(reportAndFetch(broker, report(first, Conclusion.COMPLETE)).next()).isPresent();
      assertThat(reportAndFetch(broker, report("nobody's", Conclusion.FAILURE)).known()).isFalse();
      assertThat(broker.next()).isEmpty();
      List<Report> batch =
          List.of(report("x", Conclusion.COMPLETE), report("y", Conclusion.FAILURE));
      assertThat(broker.broker().dispatch().reportAll(batch).toCompletableFuture().join())
          .containsExactly(false, false);

      assertThat(counted())
          .containsEntry("grpc_server.get_task.duration", 2L)
          .containsEntry("grpc_server.set_status", 4L)
          .containsEntry("grpc_server.set_status.duration", 2L)
          .containsEntry("grpc_server.set_status.failure", 2L)
          .containsEntry("grpc_server.fetch_next.duration", 2L)
          .containsEntry("grpc_server.set_batch_activation_status.total_updates_received", 2L)
          .containsEntry("grpc_server.set_batch_activation_status.duration", 1L);
    }
  }

  @Test
  void aFaultInCountingReachesNoCaller() {
    AtomicInteger readings = new AtomicInteger();
    TimeSource breaksAtEachEnd =
        new TimeSource() {
          @Override
          public Moment now() {
            return new Moment(0, 0);
          }

          @Override
          public long nanos() {
            if (readings.incrementAndGet() % 2 == 0) {
              throw new IllegalStateException("a bug in what counts");
            }
            return 0;
          }
        };
    try (BrokerFixture broker = broker(breaksAtEachEnd)) {
      broker.broker().plant(List.of(Activations.pending("a").arriving()));

      assertThat(broker.next()).isPresent();
      assertThat(reportAndFetch(broker, report("a", Conclusion.COMPLETE)).known()).isTrue();
      List<Report> batch = List.of(report("a", Conclusion.COMPLETE));
      assertThat(broker.broker().dispatch().reportAll(batch).toCompletableFuture().join())
          .hasSize(1);
    }
    assertThat(readings).hasValue(6);
    assertThat(counted()).doesNotContainKey("grpc_server.get_task.duration");
  }

  /** A histogram adds up what it was told when it is flushed. */
  private enum Unheard implements StatsdSink {
    INSTANCE;

    @Override
    public void count(String name, long delta, Tags tags) {}

    @Override
    public void gauge(String name, double value, Tags tags) {}

    @Override
    public void histogram(String name, double value, long times, Tags tags) {}
  }
}
