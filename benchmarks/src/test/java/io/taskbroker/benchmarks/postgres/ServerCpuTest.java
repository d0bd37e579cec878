package io.taskbroker.benchmarks.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.BrokerOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Over a real server. */
class ServerCpuTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Figures figures =
      new Figures(new PrintStream(printed, true, StandardCharsets.UTF_8));

  @Test
  void everyWayIsMeasured_withWhatItsSessionsCostTheServer() {
    var lengths = new Lengths(Duration.ofMillis(300), 1, Duration.ZERO);
    try (Stage stage = Stage.open(figures, Map.of(), lengths, new BrokerOptions());
        Load theirs =
            Load.on(ReferencesWay.open(stage.server(), stage.server().createDatabase()), 1_000);
        Load ours = Load.on(OwnBroker.open(stage.migrated(), 0), 1_000)) {
      for (Load load : List.of(theirs, ours)) {
        Duration before = stage.cpu().used();
        Pace pace = stage.measure(load);

        assertThat(pace.done()).isPositive();
        assertThat(pace.serverCpu()).isPositive().isLessThan(Duration.ofSeconds(60));
        assertThat(pace.claimMicros().getTotalCount()).isPositive();
        // Sessions that have ended meanwhile count on.
        assertThat(stage.cpu().used().minus(before)).isGreaterThanOrEqualTo(pace.serverCpu());
      }
    }
  }
}
