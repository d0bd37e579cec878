package io.taskbroker.testkit.broker;

import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.broker.BrokerSettings;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.push.PushSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import java.time.Duration;
import java.util.Set;

/** With what the parts of a {@link BrokerFixture} work. */
final class FixtureSettings {
  static final Duration REST = Duration.ofMillis(2);

  static final PushSettings PUSHING =
      new PushSettings(4, 16, 16, Duration.ofSeconds(5), Duration.ofSeconds(30));

  static final StoreSettings STORE =
      new StoreSettings(
          new EngineSettings(
              Duration.ofSeconds(3),
              3,
              new Keeping(1_000, Duration.ofMinutes(10), 1_000, Duration.ofHours(1)),
              PUSHING.lease()),
          false);

  private FixtureSettings() {}

  static final Backpressure.Limits LIMITS =
      new Backpressure.Limits(2_048, 8_192, 2_048, 65_536, null, Long.MAX_VALUE, Long.MAX_VALUE);

  static BrokerSettings broker(Backpressure.Limits limits) {
    return new BrokerSettings(
        STORE.longestWait(),
        new IntakeSettings(256, 16_000_000, Duration.ofMillis(5), limits),
        new UpkeepSettings(REST, Duration.ZERO, Duration.ofSeconds(1)),
        new HealthSettings(Duration.ofSeconds(5), false),
        Set.of(BrokerFixture.TOPIC),
        BrokerFixture.TOPIC,
        BrokerFixture.DEAD_LETTERS);
  }
}
