package io.taskbroker.application.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A whole broker over a store that has neither a journal nor a writer. */
class StoreOfOnesOwnTest {
  private static final EngineSettings SETTINGS = new EngineSettings(Duration.ofSeconds(3), 3);

  @Test
  void theModelStore_carriesAWholeBroker() {
    try (BrokerFixture broker =
        BrokerFixture.builder().store((time, _, _, _) -> new ModelStore(SETTINGS, time)).start()) {
      broker.produce(Activations.pending("done"));
      broker.report(broker.take(), Conclusion.COMPLETE);
      broker.produce(Activations.pending("failed"));
      Delivered failed = broker.take();
      broker.report(failed, Conclusion.FAILURE);

      assertThat(failed.claim().activation().id()).isEqualTo("failed");
      broker.await("nothing unfinished", () -> broker.broker().vitals().depths().unfinished() == 0);
    }
  }
}
