package io.taskbroker.application.broker;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ended tasks, on their way to whoever sums them up. */
class EndedFeedTest {
  private static final EndedTask TASK =
      new EndedTask(1, pending("a").build(), Ending.COMPLETED, 0, 1, 2, null, null);

  private final EndedFeed feed = new EndedFeed();
  private final EventSink<StoreEvent> sink = feed.beside(BrokerMetrics.NONE).store();

  private void end(int tasks) {
    sink.count(new StoreEvent.Ended(Collections.nCopies(tasks, TASK)));
  }

  @Test
  void nothingIsKept_untilSomebodyAsks() {
    end(1);
    assertThat(feed.take()).isEmpty();
    end(2);
    end(1);

    assertThat(feed.take()).hasSize(3);
    assertThat(feed.take()).isEmpty();
  }

  @Test
  void whatNobodyComesFor_isLetGo() {
    assertThat(feed.take()).isEmpty();
    end(EndedFeed.MOST);
    end(1);
    end(1);

    assertThat(feed.take()).isEqualTo(List.of());
    end(1);
    assertThat(feed.take()).hasSize(1);
  }

  @Test
  void itKnowsWhetherAWorkerHasDoneAnything_thoughNobodyAsksForMore() {
    var expired = new EndedTask(2, pending("b").build(), Ending.EXPIRED, 0, 0, 2, null, null);
    sink.count(new StoreEvent.Ended(List.of(expired)));
    assertThat(feed.hasWorked()).isFalse();

    end(1);

    assertThat(feed.hasWorked()).isTrue();
  }
}
